import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';
import { killAndResume, labelsOf } from './crash.ts';

let dir: string;
let bot: Bot;
const resumes: number[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dhash-crash-'));
  bot = await createBot(dir);
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  expect((await bot.work()).code).toBe(0);
}, 60_000);

afterAll(async () => {
  bot.opened.close();
  await endProcessesOf(dir);
  await rm(dir, { recursive: true, force: true });
  const slowest = Math.max(...resumes);
  process.stdout.write(`${resumes.length} kills gone on from, the slowest after ${slowest} ms\n`);
});

// A deploy and a rollback by turns, so that each begins where the one before ended.
const deploys = labelsOf('deploy');
const rollbacks = labelsOf('rollback');
const pairs = deploys.map((label, at) => [label, rollbacks[at % rollbacks.length] ?? ''] as const);

test.each(pairs)(
  'a deploy killed %s and a rollback killed %s end as if nothing had happened',
  async (deploy, rollback) => {
    for (const [job, label] of [
      ['deploy', deploy],
      ['rollback', rollback],
    ] as const) {
      const ms = await killAndResume(bot, job, label);
      if (ms !== null) resumes.push(ms);
    }
  },
  120_000,
);
