import { expect, test } from 'vitest';
import type { Job, StepContext } from '../../src/core/job.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { approveBoth, ask, NO_APPROVALS } from '../support/stories.ts';
import { BOB, OLGA, type World, world } from '../support/world.ts';

const HOUR = 3_600_000;

/** A worker whose fetch takes as long as the test wants; nobody can see whether it lives. */
function worker(bot: World, owner: string, fetching: Promise<void>) {
  const releases = {
    ...bot.ports.releases,
    fetch: async (asked: Parameters<StepContext['ports']['releases']['fetch']>[0]) => {
      await Promise.race([fetching, new Promise<void>((resolve) => asked.signal.addEventListener('abort', () => resolve()))]);
      return bot.ports.releases.fetch(asked);
    },
  };
  return createEngine(
    { store: bot.store, ports: { ...bot.ports, releases }, config: bot.config, definitions: JOBS, owner },
    { isOwnerDead: () => false, only: null },
  );
}

async function fetchingWorld() {
  const bot = world({ environment: NO_APPROVALS });
  let fetched: () => void = () => {};
  const slow = worker(bot, 'slow:1:1', new Promise((resolve) => (fetched = resolve)));
  const request = await ask({ ...bot, work: async () => {} }, 'deploy v2.0.0 --no-monitor');
  const job = async (): Promise<Job> => {
    const [found] = await bot.store.jobs({ requestId: request });
    if (found === undefined) throw new Error('no job');
    return found;
  };
  await slow.tick();
  await bot.clock.later(1_000);
  expect(await job()).toMatchObject({ owner: 'slow:1:1', step: 'fetch', inFlight: true });
  return { bot, slow, job, fetched: () => fetched(), other: worker(bot, 'other:2:2', Promise.resolve()) };
}

const fetches = (bot: World) => bot.host.done.filter((act) => act.startsWith('fetch'));

test('a clock that was set back by an hour does not leave the job of a silent worker alone for an hour', async () => {
  const { bot, slow, job, other } = await fetchingWorld();
  bot.clock.jump(-HOUR);
  await slow.tick();
  await bot.clock.later(11_000);
  await other.tick();
  await bot.clock.later(5_000);
  await other.idle();
  expect((await job()).state).toBe('succeeded');
});

test('a clock that was set forward by an hour takes no job from a worker that is there', async () => {
  const { bot, slow, job, other, fetched } = await fetchingWorld();
  bot.clock.jump(HOUR);
  await slow.tick();
  await other.tick();
  expect((await job()).owner).toBe('slow:1:1');
  fetched();
  await bot.clock.later(5_000);
  await slow.idle();
  expect((await job()).state).toBe('succeeded');
  expect(fetches(bot)).toHaveLength(1);
});

test('when the other one sees the clock first it takes the job over, and the one that had it does nothing more', async () => {
  const { bot, slow, job, other, fetched } = await fetchingWorld();
  bot.clock.jump(HOUR);
  await other.tick();
  await bot.clock.later(5_000);
  await other.idle();
  const acts = bot.host.done.length;
  fetched();
  await slow.tick();
  await slow.idle();
  expect((await job()).state).toBe('succeeded');
  expect(bot.host.done.slice(acts).filter((act) => !act.startsWith('fetch'))).toEqual([]);
});

test('an approval after the time is refused although nobody has looked since the clock was set forward', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.say(BOB, `approve ${id}`);
  bot.clock.jump(2 * HOUR);
  expect(await bot.say(OLGA, `approve ${id}`)).toMatchObject({ reason: 'expired' });
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('expired');
  expect(bot.host.done.filter((act) => act.startsWith('switch'))).toEqual([]);
});

test('a clock that was set back leaves an open request approvable', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0 --no-monitor');
  bot.clock.jump(-24 * HOUR);
  await approveBoth(bot, id);
  expect((await bot.store.request(id))?.state).toBe('succeeded');
  expect((await bot.opened.audit.verifyChain()).broken).toBeNull();
});

test('what waits for its time is still looked at after the clock was set back', async () => {
  const bot = world({ environment: NO_APPROVALS });
  const engine = worker(bot, 'one:1:1', Promise.resolve());
  const ended = engine.run();
  await bot.clock.later(5_000);
  bot.clock.jump(-HOUR);
  const request = await ask({ ...bot, work: async () => {} }, 'deploy v2.0.0 --no-monitor');
  await bot.clock.later(60_000);
  expect((await bot.store.request(request))?.state).toBe('succeeded');
  await engine.drain();
  await bot.clock.later(5_000);
  await ended;
});
