import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import type { Bot } from '../fixtures/e2e/bot.ts';
import { callsOf, createCrashBot, killAndResume, killOnTheWayBack, labelsOf, WAY_BACK } from './crash.ts';

let dir: string;
let bot: Bot;
const resumes: number[] = [];
/** The promise; on a machine that has nothing else to do. */
const RESUME_WITHIN_MS = 5_000;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dhash-crash-'));
  bot = await createCrashBot(dir);
}, 60_000);

afterAll(async () => {
  bot.opened.close();
  await endProcessesOf(dir);
  await rm(dir, { recursive: true, force: true });
  const slowest = Math.max(...resumes);
  process.stdout.write(`${resumes.length} kills gone on from, the slowest after ${slowest} ms\n`);
});

// A deploy and a rollback by turns, so that each begins where the one before ended.
const deploys = [...labelsOf('deploy'), ...callsOf('deploy')];
const rollbacks = [...labelsOf('rollback'), ...callsOf('rollback')];
const pairs = Array.from(
  { length: Math.max(deploys.length, rollbacks.length) },
  (_, at) => [deploys[at % deploys.length] ?? '', rollbacks[at % rollbacks.length] ?? ''] as const,
);

test.each(pairs)(
  'a deploy killed %s and a rollback killed %s end as if nothing had happened',
  async (deploy, rollback) => {
    for (const [job, label] of [
      ['deploy', deploy],
      ['rollback', rollback],
    ] as const) {
      const ms = await killAndResume(bot, job, label);
      if (ms === null) continue;
      resumes.push(ms);
      expect(ms, label).toBeLessThan(RESUME_WITHIN_MS);
    }
  },
  120_000,
);

test.each(WAY_BACK)(
  'a deploy that fails its smoke tests, killed %s on its way back, ends with the old version live',
  (label) => killOnTheWayBack(bot, dir, 'v2.1.0', label),
  120_000,
);

const NEVER_SWITCHED = ['step.failed', 'step.finished:stop-new', 'job.ended', 'call:slots.stop#2'];
test.each(NEVER_SWITCHED.flatMap((place) => [`before:${place}`, `after:${place}`]))(
  'a deploy of a release that exits, killed %s, never moved the traffic',
  (label) => killOnTheWayBack(bot, dir, 'v2.1.1', label),
  120_000,
);
