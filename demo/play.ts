// The whole story, played by itself: what people would type and press, and what must come of it.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BotError } from '../src/core/error.ts';
import { parseDuration } from '../src/core/time.ts';
import type { DemoConfig } from './config.ts';
import type { Person } from './people.ts';
import type { SlackDriver, SlackMessage } from './slack-driver.ts';
import { named, storyOf } from './story.ts';
import type { Traffic } from './traffic.ts';
import { until } from './until.ts';

/** How the bot's messages are told apart: labels exactly, words loosely. The only place to change when wording changes. */
const WORDS = {
  approve: 'Approve',
  rollbackNow: 'Rollback now',
  counted: /approved|1 of 2/i,
  live: /\blive\b/i,
  certified: /officially successful|(?<!not |nothing is )certified/i,
  breach: /\bbreach\b/i,
  rolledBack: /rolled back|rollback\b.*\b(done|complete|completed|succeeded|finished)/is,
} as const;

/** Messages may wait for their turn in the outbox (one a second), so each deadline has room for that. */
const MAIL_MS = 30_000;
const DEPLOY_MS = 60_000;
const ANSWER_MS = 15_000;

export interface Played {
  readonly durationMs: number;
  /** Paths of the reports. */
  readonly reports: readonly string[];
}

export interface Stage {
  readonly slack: SlackDriver;
  readonly config: DemoConfig;
  readonly traffic: Traffic;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Needs v2.0.0 live, the bot connected and traffic running. Throws BotError `demo-timed-out` naming the milestone that was missed. */
export async function play(stage: Stage): Promise<Played> {
  const { slack, config, traffic, print } = stage;
  const started = performance.now();
  const say = (line: string) => print(`[${((performance.now() - started) / 1_000).toFixed(1).padStart(5)} s] ${line}`);
  const on = { ...stage, print: say };

  await publicVersion(on, 'v2.0.0', ANSWER_MS);
  const failedBefore = traffic.counts().failed;
  await deploy(on, 'v2.1.0', { first: 'bob', own: true });
  const failed = traffic.counts().failed - failedBefore;
  if (failed > 0) throw missed(`${failed} requests of the service's users failed while v2.1.0 was deployed; expected 0`);
  say('no request of the users failed meanwhile');
  await told(on, { what: 'v2.1.0 to be certified', timeoutMs: ms(config.pace.watch) + MAIL_MS }, (message) =>
    about(message, WORDS.certified, /v2\.1\.0/),
  );

  await deploy(on, 'v2.2.0', { first: 'carol', own: false });
  const alarm = await told(
    on,
    { what: 'a breach with a Rollback now button', timeoutMs: ms(config.pace.watch) + MAIL_MS },
    (message) => has(message, WORDS.rollbackNow) && about(message, WORDS.breach, /v2\.2\.0/),
  );
  const before = await snapshot(slack);
  say(`Olga presses ${WORDS.rollbackNow}`);
  await slack.press('olga', alarm.ts, WORDS.rollbackNow);
  await publicVersion(on, 'v2.1.0', DEPLOY_MS);
  await told(on, { what: 'the rollback to be told', timeoutMs: MAIL_MS, before }, (message) => about(message, WORDS.rolledBack));
  await told(on, { what: 'the watch after the rollback to end', timeoutMs: ms(config.pace.afterRollback) + MAIL_MS, before }, (message) =>
    about(message, WORDS.certified, /v2\.1\.0/),
  );
  await publicVersion(on, 'v2.1.0', ANSWER_MS);

  const reports = await reportsIn(join(config.dataDir, 'reports'));
  if (reports.length < 3)
    throw missed(`expected a report for each deploy and the rollback in ${config.dataDir}/reports, found ${reports.length}`);
  print(`\n${storyOf(await slack.messages())}\n`);
  print(`Reports:\n${reports.map((path) => `  ${path}`).join('\n')}`);
  const durationMs = Math.round(performance.now() - started);
  return { durationMs, reports };
}

async function deploy(on: Stage, tag: string, who: { readonly first: Person; readonly own: boolean }): Promise<void> {
  const { slack, print } = on;
  const version = new RegExp(tag.replaceAll('.', '\\.'));
  const before = await snapshot(slack);
  print(`Ana types /dhash deploy ${tag}`);
  await slack.typeCommand('ana', `/dhash deploy ${tag}`);
  const card = await told(
    on,
    { what: `a card with an Approve button for ${tag}`, timeoutMs: MAIL_MS, before },
    (message) => has(message, WORDS.approve) && about(message, version),
  );

  const unapproved = await snapshot(slack);
  print(`${who.first} presses ${WORDS.approve}`);
  await slack.press(who.first, card.ts, WORDS.approve);
  await told(on, { what: `${who.first}'s approval to count`, timeoutMs: MAIL_MS, before: unapproved }, (message) =>
    about(message, /approv/i),
  );

  if (who.own) await ownClick(on, card.ts);

  print(`olga presses ${WORDS.approve}`);
  await slack.press('olga', card.ts, WORDS.approve);
  await publicVersion(on, tag, DEPLOY_MS);
  await told(on, { what: `${tag} to be told live`, timeoutMs: MAIL_MS, before }, (message) => about(message, WORDS.live, version));
}

/** The one who asked may not approve: she is told so, and nothing counts. */
async function ownClick({ slack, print }: Stage, card: string): Promise<void> {
  const before = new Set((await slack.ephemerals('ana')).map(({ ts }) => ts));
  print(`Ana presses ${WORDS.approve} on her own request`);
  await slack.press('ana', card, WORDS.approve);
  const refusal = await slack.waitForEphemeral('ana', ({ ts }) => !before.has(ts), {
    what: 'Ana to be told that she may not approve her own request',
    timeoutMs: MAIL_MS,
  });
  print(`  and is told: ${named(refusal.text).replaceAll('\n', ' ')}`);
}

interface Milestone {
  readonly what: string;
  readonly timeoutMs: number;
  /** Messages (by ts) that were there before and do not count. */
  readonly before?: ReadonlySet<string>;
}

async function told(
  { slack, print, signal }: Stage,
  milestone: Milestone,
  fits: (message: SlackMessage) => boolean,
): Promise<SlackMessage> {
  const { before, ...wait } = milestone;
  const isNew = (message: SlackMessage) => before === undefined || !before.has(message.ts);
  const message = await slack.waitForMessage((candidate) => isNew(candidate) && fits(candidate), { ...wait, signal });
  print(`  ${named(message.text).split('\n')[0] ?? ''}`);
  return message;
}

async function snapshot(slack: SlackDriver): Promise<ReadonlySet<string>> {
  return new Set((await slack.messages()).map(({ ts }) => ts));
}

function has(message: SlackMessage, label: string): boolean {
  return message.buttons.some((button) => button.label === label);
}

function about(message: SlackMessage, ...words: readonly RegExp[]): boolean {
  return words.every((word) => word.test(message.text));
}

/** What the service's users get, whatever the bot says. */
async function publicVersion({ config, print, signal }: Stage, tag: string, timeoutMs: number): Promise<void> {
  const ask = async () => {
    const answer = await fetch(`${config.publicUrl}/version`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    return answer?.ok ? (await answer.text()).includes(`"version":"${tag}"`) : false;
  };
  await until(ask, { what: `the public port to answer as ${tag}`, timeoutMs, signal });
  print(`  the public port answers as ${tag}`);
}

async function reportsIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  return names
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => join(dir, name));
}

function ms(duration: string): number {
  return parseDuration(duration) ?? 0;
}

function missed(message: string): BotError {
  return new BotError({ code: 'demo-failed', message, hint: null });
}
