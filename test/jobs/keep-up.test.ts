import { expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import { createKeepUp } from '../../src/keep-up.ts';
import { ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { world } from '../support/world.ts';

async function liveWorld() {
  const bot = world({ environment: NO_APPROVALS });
  const id = await deployed(bot, 'v2.0.0');
  const keepUp = createKeepUp(bot);
  bot.host.done.length = 0;
  return { bot, id, keepUp };
}

test('what runs is left alone, and its proxy is there', async () => {
  const { bot, keepUp } = await liveWorld();
  await keepUp.round();
  expect(bot.host.done).toEqual(['ensure']);
});

test('a live service that died is started again, and its thread is told', async () => {
  const { bot, id, keepUp } = await liveWorld();
  delete bot.host.running.blue;
  await keepUp.round();
  expect(bot.host.running).toMatchObject({ blue: { tag: 'v2.0.0' } });
  expect(await bot.eventsOf(id)).toContain('service.restarted');
});

test('a service that keeps dying is started ever more rarely, and told as such once', async () => {
  const { bot, id, keepUp } = await liveWorld();
  bot.host.failures['start'] = Array.from({ length: 50 }, () => new BotError({ code: 'service-not-started', message: 'no', hint: null }));
  delete bot.host.running.blue;
  for (let second = 0; second < 60; second += 5) {
    await keepUp.round();
    await bot.clock.later(5_000);
  }
  expect(bot.host.done.filter((act) => act.startsWith('start'))).toHaveLength(4);
  expect((await bot.eventsOf(id)).filter((type) => type === 'service.restarted')).toHaveLength(1);
});

test('a service that does not start calls people, until it runs again', async () => {
  const bot = world({ environment: { ...NO_APPROVALS, escalation: [{ to: 'deployLead', after: 0 }] } });
  const id = await deployed(bot, 'v2.0.0');
  const keepUp = createKeepUp(bot);
  bot.host.failures['start'] = [new BotError({ code: 'service-not-started', message: 'no', hint: null })];
  delete bot.host.running.blue;
  await keepUp.round();
  await bot.work(1_000);
  const events = () => bot.store.eventsOf(id);
  expect((await events()).find(({ type }) => type === 'escalation.called')?.data).toMatchObject({ kind: 'down', to: 'deployLead' });
  await bot.clock.later(5_000);
  await keepUp.round();
  await bot.work(1_000);
  expect((await events()).find(({ type }) => type === 'escalation.ended')?.data).toMatchObject({ how: 'recovered' });
});

test('nothing is touched while a deploy moves the traffic, or when nothing is live', async () => {
  const empty = world();
  await createKeepUp(empty).round();
  expect(empty.host.done).toEqual([]);

  const { bot, keepUp } = await liveWorld();
  bot.host.failures['fetch'] = [new BotError({ code: 'net', message: 'slow', hint: null })];
  await ask(bot, 'deploy v2.1.0');
  expect(
    (await bot.store.jobs({ environment: 'production', open: true })).some(({ name, state }) => name === 'deploy' && state === 'running'),
  ).toBe(true);
  bot.host.done.length = 0;
  delete bot.host.running.blue;
  await keepUp.round();
  expect(bot.host.done).toEqual([]);
});

test('what keeps an environment from being looked after is told once, and again when it comes back', async () => {
  const { bot, keepUp } = await liveWorld();
  const told = () => bot.host.done.filter((line) => line.includes('could not be looked after')).length;
  const trouble = () => new BotError({ code: 'disk-full', message: 'the disk is full', hint: null });
  bot.host.failures['ensure'] = Array.from({ length: 10 }, trouble);
  for (let round = 0; round < 10; round += 1) await keepUp.round();
  expect(told()).toBe(1);
  await keepUp.round();
  bot.host.failures['ensure'] = [trouble()];
  await keepUp.round();
  expect(told()).toBe(2);
});
