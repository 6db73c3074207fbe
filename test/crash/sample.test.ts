// A short sample of `npm run test:crash`: the places where most could go wrong.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import type { Bot } from '../fixtures/e2e/bot.ts';
import { createCrashBot, killAndResume, killOnTheWayBack, labelsOf } from './crash.ts';

let dir: string;
let bot: Bot;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dhash-crash-'));
  bot = await createCrashBot(dir);
}, 60_000);

afterAll(async () => {
  bot.opened.close();
  await endProcessesOf(dir);
  await rm(dir, { recursive: true, force: true });
});

test.each([['after:call:traffic.switchTo', 'before:step.finished:unpack']])(
  'a deploy killed %s and a rollback killed %s end as if nothing had happened',
  async (deploy, rollback) => {
    await killAndResume(bot, 'deploy', deploy);
    await killAndResume(bot, 'rollback', rollback);
  },
  120_000,
);

test(
  'a deploy that fails its smoke tests, killed right after it switched back, ends with the old version live',
  () => killOnTheWayBack(bot, dir, 'v2.1.0', 'after:call:traffic.switchTo#2'),
  120_000,
);

test('there are at least 60 places, found by the code', () => {
  expect(labelsOf('deploy').length + labelsOf('rollback').length).toBeGreaterThanOrEqual(60);
});
