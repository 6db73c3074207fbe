// What the bot's own environment says. Variables of the guide keep their old names and meanings.

import { resolve } from 'node:path';
import { isTag } from '../core/tag.ts';
import { parseDuration } from '../core/time.ts';
import type { Overrides } from './build.ts';
import { shown } from './leaf.ts';
import { notifySecretProblems } from './notify-secrets.ts';
import type { Problem } from './problems.ts';
import type { Secrets } from './secrets.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Settings {
  /** 0 = any free one. */
  readonly port: number;
  /** null = Slack's own. */
  readonly apiUrl: string | null;
  /** null = GitHub's own. */
  readonly githubApiUrl: string | null;
  readonly logLevel: LogLevel;
  /** The tag a command means when it names none; null = it must name one. */
  readonly releaseTag: string | null;
  readonly deployLead: string | null;
  /** Absolute; null = each command's own default. */
  readonly artifactDir: string | null;
}

export interface FromVariables {
  readonly settings: Settings;
  readonly overrides: Overrides;
  readonly secrets: Secrets;
  readonly problems: readonly Problem[];
}

export function readVariables(env: Variables): FromVariables {
  const problems: Problem[] = [];
  const set = (name: string): string | null => env[name]?.trim() || null;

  /** `take` answers null for what it does not take; a variable that is not set is never wrong. */
  function read<T>(name: string, take: (value: string) => T | null, write: string): T | null {
    const value = set(name);
    if (value === null) return null;
    const taken = take(value);
    if (taken === null) problems.push({ path: name, message: `cannot be used (got ${shown(value)}), write ${write}`, line: null });
    return taken;
  }

  const deployLead = read('DEPLOY_LEAD', (value) => matching(value, /^[UWS][A-Z0-9_]+$/), 'a Slack user id: U0ALICE');
  const artifactDir = set('ARTIFACT_DIR');
  const settings: Settings = {
    port: read('PORT', (value) => wholeNumber(value, 0, 65_535), '0 to 65535') ?? 3000,
    apiUrl: read('SLACK_API_URL', webAddress, 'a web address: https://slack.com/api/'),
    githubApiUrl: read('GITHUB_API_URL', webAddress, 'a web address: https://api.github.com'),
    logLevel:
      read('LOG_LEVEL', (value) => LOG_LEVELS.find((level) => level === value.toLowerCase()) ?? null, LOG_LEVELS.join(', ')) ?? 'info',
    releaseTag: read('RELEASE_TAG', (value) => (isTag(value) ? value : null), 'a release tag: v2.1.0'),
    deployLead,
    artifactDir: artifactDir === null ? null : resolve(artifactDir),
  };
  const days = read('BACKUP_RETENTION_DAYS', (value) => wholeNumber(value, 1, 36_500), 'a number of days: 30');
  const overrides: Overrides = {
    deployLead,
    backupKeep: days === null ? null : days * 86_400_000,
    artifactDir: settings.artifactDir,
    monitorDuration: read('MONITOR_DURATION', secondsOrDuration, 'seconds or a duration: 3600 or 60m'),
  };
  const secrets: Secrets = {
    botToken: set('SLACK_BOT_TOKEN'),
    signingSecret: set('SLACK_SIGNING_SECRET'),
    appToken: set('SLACK_APP_TOKEN'),
    githubToken: set('GITHUB_TOKEN'),
    smtpUrl: set('SMTP_URL'),
    teamsWebhookUrl: set('TEAMS_WEBHOOK_URL'),
    pagerdutyRoutingKey: set('PAGERDUTY_ROUTING_KEY'),
  };
  problems.push(...notifySecretProblems(secrets));
  return { settings, overrides, secrets, problems };
}

function matching(value: string, form: RegExp): string | null {
  return form.test(value) ? value : null;
}

function wholeNumber(value: string, min: number, max: number): number | null {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return number >= min && number <= max ? number : null;
}

function secondsOrDuration(value: string): number | null {
  const seconds = wholeNumber(value, 1, 30 * 86_400);
  if (seconds !== null) return seconds * 1_000;
  const ms = parseDuration(value);
  return ms === null || ms === 0 ? null : ms;
}

function webAddress(value: string): string | null {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? value : null;
}
