import { expect, test } from 'vitest';
import type { Store } from '../../src/core/store.ts';
import { another, breached, finds, MINUTE, pass, rollbacks, ruleMet, SECOND, story, watched } from '../support/alarms.ts';
import { ANA, BOB, OLGA, type World } from '../support/world.ts';

const ends = async (bot: World, id: string) =>
  (await story(bot, id)).flatMap((told) => (told.type === 'rollback.countdown-ended' ? [`${told.data.how} by ${told.data.by}`] : []));

async function counting(bot: World, id: string) {
  const told = (await story(bot, id)).findLast((event) => event.type === 'rollback.counting');
  if (told?.type !== 'rollback.counting') throw new Error('nothing counts down');
  return {
    until: told.data.until,
    at: told.at,
    button: { verb: 'cancel', request: id, environment: 'production', expect: told.jobId } as const,
  };
}

test('a rule of mode auto counts down in the open, then rolls back, in the name of the rule', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const { until, at } = await counting(bot, id);
  expect(until - at).toBe(30 * SECOND);
  await pass(bot, 20 * SECOND);
  expect(await rollbacks(bot)).toEqual([]);
  await pass(bot, 60 * SECOND);
  expect(await ends(bot, id)).toEqual(['fired by null']);
  expect(await rollbacks(bot)).toMatchObject([
    { state: 'succeeded', tag: 'v2.0.0', parentId: id, by: { name: 'dhash (rule error-rate)' } },
  ]);
});

test.each(['observe', 'ask'] as const)('a rule of mode %s never counts down', async (mode) => {
  const [bot] = await watched();
  await finds(bot, ruleMet(mode));
  await pass(bot, 2 * MINUTE);
  expect(await rollbacks(bot)).toEqual([]);
});

test('Cancel stops it, once: the second click hears who was first, and nothing rolls back', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const { button } = await counting(bot, id);
  expect(await bot.press(BOB, button)).toMatchObject({ reason: 'not_entitled' });
  const replies = await Promise.all([bot.press(OLGA, button), bot.press(ANA, button)]);
  expect(replies.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused']);
  await pass(bot, 2 * MINUTE);
  expect(await ends(bot, id)).toHaveLength(1);
  expect(await rollbacks(bot)).toEqual([]);
  expect(await bot.press(OLGA, button)).toMatchObject({ reason: 'already_decided', message: expect.stringContaining('canceled by') });
});

test('Cancel may be typed', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  expect(await bot.say(OLGA, `cancel ${id}`)).toMatchObject({ kind: 'done', note: 'the countdown is stopped: v2.1.0 stays live' });
});

test('at the very moment of the fire either Cancel or the rollback wins, never both', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const { until, button } = await counting(bot, id);
  await bot.clock.later(until - bot.clock.now());
  const [reply] = await Promise.all([bot.press(OLGA, button), bot.app.engine.tick()]);
  await pass(bot, MINUTE);
  expect(await ends(bot, id)).toHaveLength(1);
  expect(await rollbacks(bot)).toHaveLength(reply.kind === 'done' ? 0 : 1);
});

test('Roll back now does not wait, and there is one rollback', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const live = await bot.store.liveDeployment('production');
  const button = { verb: 'rollback', request: id, environment: 'production', expect: live?.id ?? '' } as const;
  expect((await bot.press(OLGA, button)).kind).toBe('accepted');
  await pass(bot, 2 * MINUTE);
  expect(await ends(bot, id)).toEqual(['rolled-back-now by olga']);
  expect(await rollbacks(bot)).toMatchObject([{ by: { name: 'olga' } }]);
});

test('a restart in the middle keeps the end; the new process fires', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const { until } = await counting(bot, id);
  await pass(bot, 10 * SECOND);
  await bot.app.engine.drain();
  const next = another(bot);
  await pass(bot, 60 * SECOND, next);
  const fired = (await story(bot, id)).find((told) => told.type === 'rollback.countdown-ended');
  expect((fired?.at ?? 0) - until).toBeLessThan(10 * SECOND);
  expect(await rollbacks(bot)).toHaveLength(1);
});

test.each(['before', 'after'] as const)('killed right %s the fire was written, there is exactly one rollback', async (when) => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  await bot.app.engine.drain();
  let died = false;
  const dying: Store = {
    ...bot.store,
    commit: async (changes, events, at) => {
      const fires = events.some((told) => told.type === 'rollback.countdown-ended');
      if (died || (fires && when === 'before')) {
        died = true;
        throw new Error('killed');
      }
      const result = await bot.store.commit(changes, events, at);
      died = fires;
      return result;
    },
  };
  await pass(bot, 60 * SECOND, another(bot, dying, 'test:2:2'));
  expect(died).toBe(true);
  await pass(bot, 2 * MINUTE, another(bot, bot.store, 'test:3:3'));
  expect(await rollbacks(bot)).toMatchObject([{ state: 'succeeded' }]);
  expect(await ends(bot, id)).toEqual(['fired by null']);
});

test('a snooze holds it for ten minutes; then it counts down again from the beginning while the rule is still met', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  expect(await bot.say(BOB, `snooze ${id}`)).toMatchObject({ reason: 'not_entitled' });
  expect(await bot.say(OLGA, `snooze ${id}`)).toMatchObject({ kind: 'done' });
  expect(await bot.say(ANA, `snooze ${id}`)).toMatchObject({ reason: 'already_decided', message: expect.stringContaining('olga') });
  await pass(bot, 10 * MINUTE - 10 * SECOND);
  expect(await rollbacks(bot)).toEqual([]);
  await pass(bot, 20 * SECOND);
  const { until, at } = await counting(bot, id);
  expect(until - at).toBe(30 * SECOND);
  await pass(bot, MINUTE);
  expect(await rollbacks(bot)).toHaveLength(1);
});

test('when the rule cleared under the snooze it does not roll back', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  await bot.say(OLGA, `snooze ${id}`);
  await finds(bot, { kind: 'rule-cleared', rule: 'error-rate', value: '0 %' });
  await pass(bot, 12 * MINUTE);
  expect(await ends(bot, id)).toEqual(['snoozed by olga']);
  expect(await rollbacks(bot)).toEqual([]);
});

test('something else going wrong ends the snooze: it was meant for what was known', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  await bot.say(OLGA, `snooze ${id}`);
  await finds(bot, breached());
  await pass(bot, MINUTE);
  expect(await bot.eventsOf(id)).toContain('alert.snooze-ended');
  expect(await rollbacks(bot)).toHaveLength(1);
});

test('a rule met after a rollback starts no second one: it is an emergency for people', async () => {
  const [bot] = await watched();
  await finds(bot, ruleMet('auto'));
  await pass(bot, 2 * MINUTE);
  const [first] = await rollbacks(bot);
  await finds(bot, ruleMet('auto', 'response-time'));
  await pass(bot, 2 * MINUTE);
  expect(await rollbacks(bot)).toHaveLength(1);
  const told = await story(bot, first?.id ?? '');
  expect(told.find(({ type }) => type === 'rollback.withheld')?.data).toMatchObject({
    why: expect.stringContaining('came back by a rollback'),
  });
  expect(told.findLast(({ type }) => type === 'escalation.started')?.data).toMatchObject({ kind: 'emergency', severity: 'critical' });
});

test('another version going live ends the countdown', async () => {
  const [bot, id] = await watched();
  await finds(bot, ruleMet('auto'));
  const live = await bot.store.liveDeployment('production');
  if (live === null) throw new Error('nothing live');
  await bot.store.commit([{ kind: 'deployment.live', deployment: { ...live, id: 'live-other', tag: 'v2.2.0' } }], [], bot.clock.now());
  await pass(bot, 2 * MINUTE);
  expect(await ends(bot, id)).toEqual(['superseded by null']);
  expect(await rollbacks(bot)).toEqual([]);
});
