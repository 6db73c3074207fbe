// Secrets come from the environment alone. Whatever is said about one names its variable, never its value.

import { BotError } from '../core/error.ts';

/** As the environment had them, trimmed; null = not set or empty. */
export interface Secrets {
  readonly botToken: string | null;
  readonly signingSecret: string | null;
  readonly appToken: string | null;
  readonly githubToken: string | null;
  readonly smtpUrl: string | null;
  readonly teamsWebhookUrl: string | null;
  readonly pagerdutyRoutingKey: string | null;
}

/** Names that no program of the service may have: the variables of all of these. */
export const NOT_A_SECRET = /^(?!SLACK_|(?:GITHUB_TOKEN|SMTP_URL|TEAMS_WEBHOOK_URL|PAGERDUTY_ROUTING_KEY)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** What the Slack surface starts with: an app token means Socket Mode, else Slack posts to us and signs. */
export type SlackSecrets =
  | { readonly kind: 'socket'; readonly botToken: string; readonly appToken: string; readonly signingSecret: string | null }
  | { readonly kind: 'http'; readonly botToken: string; readonly signingSecret: string };

const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\bxox[a-z]-[A-Za-z0-9-]{8,}/, 'a Slack token'],
  [/\bxapp-[A-Za-z0-9-]{8,}/, 'a Slack app token'],
  [/hooks\.slack\.com\/(?:services|workflows|triggers)\/\S+/, 'a Slack webhook'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/, 'a GitHub token'],
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/, 'a private key'],
  [/:\/\/[^\s/:@"'<>]*:[^\s/@"'<>]+@/, 'a password in an address'],
  // In a web address the user alone may be the token.
  [/\bhttps?:\/\/[^\s/:@"'<>]+@/, 'a token in an address'],
];

export function looksSecret(text: string): boolean {
  return LOOKS.some(([pattern]) => pattern.test(text));
}

/** Which lines of a file look like a secret, comments included: a file is copied, committed and shown. */
export function secretLines(text: string): readonly { readonly line: number; readonly what: string }[] {
  return text.split('\n').flatMap((line, index) => {
    const found = LOOKS.find(([pattern]) => pattern.test(line));
    return found === undefined ? [] : [{ line: index + 1, what: found[1] }];
  });
}

interface Kind {
  readonly variable: string;
  readonly prefix: RegExp | null;
  readonly looks: string;
  readonly where: string;
}

const BOT: Kind = {
  variable: 'SLACK_BOT_TOKEN',
  prefix: /^(xoxe\.)?xoxb-/,
  looks: 'begins with xoxb-',
  where: 'api.slack.com/apps -> your app -> OAuth & Permissions -> Bot User OAuth Token',
};
const APP: Kind = {
  variable: 'SLACK_APP_TOKEN',
  prefix: /^xapp-/,
  looks: 'begins with xapp-',
  where: 'api.slack.com/apps -> your app -> Basic Information -> App-Level Tokens (scope connections:write)',
};
const SIGNING: Kind = {
  variable: 'SLACK_SIGNING_SECRET',
  prefix: null,
  looks: 'has no xox or xapp in front',
  where: 'api.slack.com/apps -> your app -> Basic Information -> App Credentials -> Signing Secret',
};

/** What Slack needs, or BotError `config-invalid` with every variable that is missing, a placeholder or of the wrong kind. */
export function requireSlackSecrets(secrets: Pick<Secrets, 'botToken' | 'appToken' | 'signingSecret'>): SlackSecrets {
  const { botToken, appToken, signingSecret } = secrets;
  const socket = appToken !== null;
  const problems = [fault(BOT, botToken), socket ? fault(APP, appToken) : fault(SIGNING, signingSecret)].filter((found) => found !== null);
  if (!socket && signingSecret === null) problems.push('(or set SLACK_APP_TOKEN to use Socket Mode, which needs no signing secret)');
  if (problems.length > 0 || botToken === null) throw refused(problems);
  if (appToken !== null) return { kind: 'socket', botToken, appToken, signingSecret };
  if (signingSecret !== null) return { kind: 'http', botToken, signingSecret };
  throw refused(problems);
}

function fault(kind: Kind, value: string | null): string | null {
  const { variable, prefix, looks, where } = kind;
  if (value === null) return `${variable}: is missing. Find it at ${where}`;
  if (isPlaceholder(value)) return `${variable}: is still a placeholder. Find the real one at ${where}`;
  const other = [BOT, APP].find((candidate) => candidate !== kind && candidate.prefix?.test(value) === true);
  if (other !== undefined) return `${variable}: holds what belongs into ${other.variable}. Its own ${looks}; find it at ${where}`;
  const right = prefix === null ? !/^(xox[a-z]|xapp)-/.test(value) : prefix.test(value);
  return right ? null : `${variable}: is of the wrong kind, its own ${looks}. Find it at ${where}`;
}

/** `xoxb-your-token`, `changeme`, `<token>`, `xxx`, `RELEASE_TAG` ... : what a template had and nobody filled in. */
export function isPlaceholder(value: string): boolean {
  const rest = value.trim().replace(/^(xoxe\.)?(xox[a-z]|xapp|ghp)[-_]/i, '');
  if (/^[x.*?_-]*$/i.test(rest)) return true;
  if (/^[<[{$].*[>\]}]$/.test(rest) || /^@?[A-Z]+(_[A-Z]+)+$/.test(rest)) return true;
  if (
    /^(token|secret|password|example|placeholder|todo|tbd|none|null|undefined|dummy|change[-_ ]?(me|it)|replace[-_ ]?me|fix[-_ ]?me)$/i.test(
      rest,
    )
  )
    return true;
  return /(^|[-_ ])(your|my)[-_ ]|change[-_]?me|(^|[-_ ])(placeholder|goes[-_ ]here)/i.test(rest);
}

function refused(problems: readonly string[]): BotError {
  return new BotError({
    code: 'config-invalid',
    message: `Slack cannot be used with these settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    hint: 'Set them in the environment of the bot (for systemd: the EnvironmentFile), never in dhash.yml.',
  });
}
