import { expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import type { Store } from '../../src/core/store.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { createKeepUp } from '../../src/keep-up.ts';
import { ask, NO_APPROVALS } from '../support/stories.ts';
import { type World, world } from '../support/world.ts';

/** The store of a disk that is full while `isFull`. */
function filling(store: Store, isFull: () => boolean): Store {
  const refuse = <Given extends readonly unknown[], Answer>(call: (...given: Given) => Promise<Answer>) => {
    return async (...given: Given): Promise<Answer> => {
      if (isFull()) throw new BotError({ code: 'disk-full', message: 'dhash.db cannot grow: the disk is full', hint: 'Make room.' });
      return call(...given);
    };
  };
  return { ...store, commit: refuse(store.commit), claim: refuse(store.claim), renew: refuse(store.renew) };
}

function running(bot: World, store: Store) {
  const engine = createEngine(
    { store, ports: bot.ports, config: bot.config, definitions: JOBS, owner: 'one:1:1' },
    { isOwnerDead: () => false, only: null },
  );
  const ended = engine.run();
  return {
    stop: async () => {
      await engine.drain();
      await bot.clock.later(5_000);
      await ended;
    },
  };
}

const complaints = (bot: World) => bot.host.done.filter((act) => act.startsWith('LOG Jobs stand still'));

test('jobs that stood still while the disk was full go on by themselves, and the log says so once', async () => {
  const bot = world({ environment: NO_APPROVALS });
  let full = true;
  const { stop } = running(
    bot,
    filling(bot.store, () => full),
  );
  const accepted = await bot.say({ surface: 'shell', id: 'U0LEAD', name: 'lead' }, 'deploy v2.0.0 --no-monitor');
  if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
  await bot.clock.later(60_000);
  expect(complaints(bot)).toHaveLength(1);
  expect((await bot.store.request(accepted.request.id))?.state).toBe('open');
  full = false;
  await bot.clock.later(60_000);
  await stop();
  expect((await bot.store.request(accepted.request.id))?.state).toBe('succeeded');
});

test.each([1, 2, 5, 10, 20])(
  'a deploy whose %s. commit found the disk full is taken up again after its lease, and ends well',
  async (nth) => {
    const bot = world({ environment: NO_APPROVALS });
    let commits = 0;
    let fullUntil = 0;
    const store = filling(bot.store, () => bot.clock.now() < fullUntil);
    const counting: Store = {
      ...store,
      commit: (changes, events, at) => {
        commits += 1;
        if (commits === nth) fullUntil = bot.clock.now() + 30_000;
        return store.commit(changes, events, at);
      },
    };
    const request = await ask({ ...bot, work: async () => {} }, 'deploy v2.0.0 --no-monitor');
    const { stop } = running(bot, counting);
    await bot.clock.later(120_000);
    await stop();
    expect(fullUntil).toBeGreaterThan(0);
    expect((await bot.store.request(request))?.state).toBe('succeeded');
    expect(bot.host.done.filter((act) => act.startsWith('switch'))).toHaveLength(1);
  },
);

test('looking after what is live goes on after it could not be asked who is to do it', async () => {
  const bot = world();
  const stopped = new AbortController();
  let asked = 0;
  const ended = createKeepUp(bot).run(stopped.signal, async () => {
    asked += 1;
    if (asked < 3) throw new BotError({ code: 'database-io', message: 'no file descriptor is left', hint: null });
    return true;
  });
  await bot.clock.later(30_000);
  stopped.abort();
  await ended;
  expect(asked).toBeGreaterThan(3);
});
