import { expect, test } from 'vitest';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { world } from '../support/world.ts';

const MINUTE = 60_000;

async function watched() {
  const bot = world({ environment: NO_APPROVALS });
  const id = await deployed(bot, 'v2.0.0');
  const told = async (type: string) => (await bot.store.eventsOf(id)).filter((event) => event.type === type);
  return { bot, id, told };
}

test('a quiet watch of ten minutes ends certified, at the time it said', async () => {
  const { bot, told } = await watched();
  const [started] = await told('monitor.started');
  await bot.clock.later(11 * MINUTE);
  const [ended] = await told('monitor.ended');
  expect(ended).toMatchObject({ data: { verdict: 'certified', breaches: 0 } });
  expect(started?.type === 'monitor.started' && ended?.at === started.data.until).toBe(true);
});

test('three bad checks in a row open one breach with the rollback offer, five good ones close it', async () => {
  const { bot, told } = await watched();
  await bot.clock.later(MINUTE);
  bot.host.health.status = 503;
  await bot.clock.later(2 * MINUTE);
  expect(await told('monitor.breached')).toHaveLength(1);
  bot.host.health.status = 200;
  await bot.clock.later(3 * MINUTE);
  expect(await told('monitor.recovered')).toHaveLength(1);
});

test('a clock that jumps over the end certifies nothing: too few checks were made', async () => {
  const { bot, told } = await watched();
  await bot.clock.later(MINUTE);
  bot.clock.jump(60 * MINUTE);
  await bot.clock.later(MINUTE);
  expect(await told('monitor.ended')).toMatchObject([
    { data: { verdict: 'not-certified', why: expect.stringContaining('of 20 checks were made') } },
  ]);
});

test('a watch ends as superseded when another version goes live', async () => {
  const { bot, told } = await watched();
  await deployed(bot, 'v2.1.0');
  await bot.clock.later(2 * MINUTE);
  expect(await told('monitor.ended')).toMatchObject([{ data: { verdict: 'superseded' } }]);
  expect(await told('monitor.breached')).toEqual([]);
});
