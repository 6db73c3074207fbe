// A worker that is stopped (SIGSTOP) for longer than its lease, another one that takes its job over, and the first one waking up afterwards.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { expect, test } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { alone, expectAlone } from '../fixtures/crash/alone.ts';
import { expectToldOnce, expectWorld, startsOf, zipsOf } from '../fixtures/crash/world.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';
import { until } from '../fixtures/e2e/program.ts';

/** Most of a stop is waiting for the lease to end. */
const LANES = 5;

test('a worker that sleeps past its lease anywhere in a deploy changes nothing when it wakes up', { timeout: 2 * 3_600_000 }, async () => {
  const { DHASH_CRASH_AT: wanted = '' } = env;
  const first = await openBot();
  const found = await placesOfADeploy(first.bot);
  await first.close();
  const places = found.filter((place) => place.includes(wanted));
  process.stdout.write(`${found.length} places found, ${places.length} stops\n`);
  expect(found.length).toBeGreaterThan(40);
  const failures: string[] = [];
  const left = [...places];
  let tried = 0;
  const lane = async () => {
    let opened: Opened | null = null;
    for (let place = left.shift(); place !== undefined; place = left.shift()) {
      opened ??= await openBot();
      const failure = await sleepsAt(opened, place).catch((thrown: unknown) => String(thrown));
      tried += 1;
      process.stdout.write(`${tried}/${places.length} ${place} ${failure ?? 'ok'}\n`);
      if (failure === null) continue;
      failures.push(`${place}: ${failure}`);
      await opened.close();
      opened = null;
    }
    await opened?.close();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(failures).toEqual([]);
});

interface Opened {
  readonly bot: Bot;
  /** Where commands note that they ran. */
  readonly runs: string;
  readonly close: () => Promise<void>;
}

async function openBot(): Promise<Opened> {
  const dir = await mkdtemp(join(tmpdir(), 'dhash-stopped-'));
  const runs = join(dir, 'runs');
  const once = alone(runs);
  const bot = await createBot(dir, undefined, { build: [once], migrate: [once] });
  const close = async () => {
    bot.opened.close();
    await endProcessesOf(dir);
    await rm(dir, { recursive: true, force: true });
  };
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  const { code, output } = await bot.work();
  expect(code, output).toBe(0);
  return { bot, runs, close };
}

/** Where a step begins, and right before the host is changed. */
async function placesOfADeploy(bot: Bot): Promise<readonly string[]> {
  await bot.ask(['deploy', 'v2.1.0', '--no-monitor']);
  const { places } = await bot.work();
  return [...new Set(places)].filter((place) => /^after commit event step\.started|^before (spawn|rename|link)|^after spawn/.test(place));
}

/** Out and back: each stop begins where the one before has ended. */
async function sleepsAt({ bot, runs }: Opened, place: string): Promise<string | null> {
  const { store } = bot.opened;
  const tag = (await store.liveDeployment('production'))?.tag === 'v2.0.0' ? 'v2.1.0' : 'v2.0.0';
  const before = { zips: await zipsOf(bot), backups: await store.backups('production'), starts: await startsOf(bot, tag) };
  const request = await bot.ask(['deploy', tag, '--no-monitor', '--override', 'out and back']);
  // The places were found on the way out, which is to green.
  const sleeper = bot.begin(tag === 'v2.1.0' ? place : place.replace('green', 'blue'), 'SIGSTOP');
  await until(`it sleeps ${place}`, () => isStopped(sleeper.pid), undefined, 100_000);
  const other = await bot.work();
  process.kill(sleeper.pid, 'SIGCONT');
  const woken = await sleeper.ended;
  expect([other.code, woken.code], `${other.output}\n${woken.output}`).toEqual([0, 0]);
  await expectWorld(bot, request, 'succeeded', tag);
  expectToldOnce(await store.eventsOf(request), ['request.made', 'backup.created', 'version.live', 'job.ended', 'request.ended']);
  // Between its last question and the zip's name lies nothing: who sleeps there leaves a second whole one, but people are told of the one.
  const isLast = /^before link backups\/.*\.zip#/.test(place);
  expect((await zipsOf(bot)).length - before.zips.length).toBeLessThan(isLast ? 3 : 2);
  expect(await store.backups('production')).toHaveLength(before.backups.length + 1);
  expect(await startsOf(bot, tag), 'starts').toBe(before.starts + 1);
  expectAlone(runs);
  return null;
}

async function isStopped(pid: number): Promise<boolean> {
  return /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
}
