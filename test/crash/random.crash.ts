// Two workers under mixed load, each killed 50 to 500 ms after it began to take jobs, and started again. DHASH_KILLS=1000 for the whole campaign.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { expect, onTestFinished, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { alone, expectAlone } from '../fixtures/crash/alone.ts';
import { expectToldOnce, expectWorld, zipsOf } from '../fixtures/crash/world.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';

const { DHASH_KILLS: kills = '100' } = env;
const LANES = 2;

test('random kills under mixed load lose, double and change nothing', { timeout: 4 * 3_600_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dhash-random-'));
  const runs = join(dir, 'runs');
  const bot = await createBot(dir, undefined, { build: [alone(runs)], migrate: [alone(runs)] });
  onTestFinished(async () => {
    bot.opened.close();
    await endProcessesOf(dir);
    await rm(dir, { recursive: true, force: true });
  });
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  expect((await bot.work()).code).toBe(0);

  const asked: string[] = [];
  let left = Number(kills);
  const lane = async () => {
    while (left > 0) {
      await keepBusy(bot, asked);
      const worker = bot.begin();
      await worker.up;
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 450));
      if (isGone(worker.pid)) continue;
      process.kill(worker.pid, 'SIGKILL');
      left -= 1;
      await worker.ended;
      if (left % 25 === 0) process.stdout.write(`${Number(kills) - left}/${kills} kills, ${asked.length} requests\n`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const last = await bot.work();
  expect(last.code, last.output).toBe(0);

  const { store } = bot.opened;
  const tag = (await store.liveDeployment('production'))?.tag ?? '';
  const failed = (await store.jobs({})).filter(({ state }) => state !== 'succeeded');
  expect(failed.map(({ name, failure, requestId }) => ({ name, failure, requestId }))).toEqual([]);
  for (const id of asked) {
    await expectWorld(bot, id, 'succeeded', tag);
    expectToldOnce(await store.eventsOf(id), ['request.made', 'job.ended', 'request.ended']);
  }
  expectAlone(runs);
  const events = await store.eventsAfter(0, 1_000_000);
  const files = (type: 'backup.created' | 'backup.pruned') => events.flatMap((told) => (told.type === type ? [told.data.file] : []));
  const pruned = new Set(files('backup.pruned'));
  const made = files('backup.created').filter((file) => !pruned.has(file));
  expect((await zipsOf(bot)).toSorted()).toEqual(made.toSorted());
  process.stdout.write(`${kills} kills, ${asked.length} requests, ${made.length} backups, ${tag} is live\n`);
});

/** Always something that moves traffic, and something beside it. */
async function keepBusy(bot: Bot, asked: string[]): Promise<void> {
  const open = await bot.opened.store.jobs({ open: true });
  const tag = (await bot.opened.store.liveDeployment('production'))?.tag;
  const move = tag === 'v2.0.0' ? ['deploy', 'v2.1.0', '--no-monitor', '--override', 'out and back'] : ['rollback', '--no-monitor'];
  const wishes = [
    ...(open.some(({ name }) => name === 'deploy' || name === 'rollback') ? [] : [move]),
    ...(open.some(({ name }) => name === 'backup') ? [] : [['backup', 'create']]),
    ...(open.some(({ name }) => name === 'smoke') ? [] : [['smoke']]),
  ];
  // Two lanes may ask at once: the second one is refused, as two people would be.
  for (const wish of wishes)
    asked.push(
      ...(await bot
        .ask(wish)
        .then((id) => [id])
        .catch(() => [])),
    );
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
