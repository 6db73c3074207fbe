import { expect, test } from 'vitest';
import { another, breached, calls, EVERYBODY, finds, MINUTE, pass, recovered, ruleMet, SECOND, story, watched } from '../support/alarms.ts';
import { ANA, OLGA, STRANGER } from '../support/world.ts';

test('the whole ladder, minute by minute, each person once', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, 20 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '2m oncall', '5m mediaEng', '15m engineeringManager']);
});

test('a restart in every minute of the ladder calls nobody twice and nobody late', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await bot.app.engine.drain();
  for (let minute = 0; minute < 17; minute += 1) {
    const app = another(bot, bot.store, `test:${minute + 10}:1`);
    await pass(bot, MINUTE, app);
    await app.engine.drain();
  }
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '2m oncall', '5m mediaEng', '15m engineeringManager']);
});

test('Acknowledge stops it, once; it says who and when, and a later breach calls again', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, MINUTE);
  expect(await bot.say(STRANGER, `ack ${id}`)).toMatchObject({ reason: 'not_entitled' });
  const replies = await Promise.all([bot.say(OLGA, `ack ${id}`), bot.say(ANA, `ack ${id}`)]);
  expect(replies.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused']);
  await pass(bot, 5 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '1m ended: acknowledged']);
  await finds(bot, recovered());
  await finds(bot, breached());
  expect((await calls(bot, id, from)).at(-1)).toBe('6m deployLead');
  const names = (await story(bot, id)).flatMap((told) => (told.type === 'escalation.started' ? [told.data.incident] : []));
  expect(names).toEqual([`INC-${id}-1`, `INC-${id}-2`]);
});

test('an acknowledgment at the very moment of the next call: whoever is first, it ends there', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await bot.clock.later(2 * MINUTE);
  const [reply] = await Promise.all([bot.say(OLGA, `ack ${id}`), bot.app.engine.tick()]);
  expect(reply.kind).toBe('done');
  await pass(bot, 5 * MINUTE);
  const told = await story(bot, id);
  const ack = told.find(({ type }) => type === 'alert.acknowledged');
  expect(told.filter((event) => event.type === 'escalation.called' && event.seq > (ack?.seq ?? 0))).toEqual([]);
  expect((await calls(bot, id, from)).at(-1)).toBe('2m ended: acknowledged');
});

test('recovery stops it, but only when nothing is bad any more', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached('response-time'));
  await finds(bot, breached('error-rate'));
  await finds(bot, recovered('response-time'));
  await pass(bot, 3 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '2m oncall']);
  await finds(bot, recovered('error-rate'));
  expect((await calls(bot, id, from)).at(-1)).toBe('3m ended: recovered');
});

test('a rollback stops it, and wants to be acknowledged itself', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  const live = await bot.store.liveDeployment('production');
  const reply = await bot.press(OLGA, { verb: 'rollback', request: id, environment: 'production', expect: live?.id ?? '' });
  if (reply.kind !== 'accepted') throw new Error('not accepted');
  await pass(bot, 4 * MINUTE);
  expect((await calls(bot, id, from)).at(-1)).toMatch(/ended: rolled-back$/);
  expect(await calls(bot, reply.request.id, from)).toEqual(['0m deployLead', '2m oncall']);
  expect(await bot.press(ANA, { verb: 'ack', request: reply.request.id, environment: 'production', expect: null })).toMatchObject({
    kind: 'done',
  });
  expect(await bot.press(ANA, { verb: 'ack', request: id, environment: 'production', expect: 'response-time' })).toMatchObject({
    reason: 'not_live_anymore',
  });
});

test('media breaches go to the media engineers first; the others move one rung on', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, ruleMet('ask', 'quality-gates'));
  await pass(bot, 16 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m mediaEng', '2m deployLead', '5m oncall', '15m engineeringManager']);
});

test('a role that nobody fills is said, and the next one does not wait', async () => {
  const [bot, id] = await watched({ config: { people: { ...EVERYBODY, oncall: null } } });
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, 3 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '2m (oncall)', '2m mediaEng']);
});

test('a user group that Slack does not tell about is called all the same, and the next one with it', async () => {
  const [bot, id] = await watched({ config: { people: { ...EVERYBODY, oncall: 'S0GONE' } } });
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, 3 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '2m oncall', '2m mediaEng']);
  expect((await story(bot, id)).find((told) => told.type === 'escalation.called' && told.data.to === 'oncall')?.data).toMatchObject({
    person: 'S0GONE',
    reach: 'unknown',
  });
});

test('a snooze moves every later call by its length', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, MINUTE);
  await bot.say(OLGA, `snooze ${id}`);
  await pass(bot, 10 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead']);
  await pass(bot, 5 * MINUTE);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '12m oncall', '15m mediaEng']);
});

test('a graver alarm takes over from a lesser one', async () => {
  const [bot, id] = await watched();
  const from = bot.clock.now();
  await finds(bot, breached());
  await pass(bot, MINUTE);
  await finds(bot, ruleMet('ask'));
  await pass(bot, 20 * SECOND);
  expect(await calls(bot, id, from)).toEqual(['0m deployLead', '1m ended: raised', '1m deployLead']);
});

test('a failed rollback is an emergency', async () => {
  const [bot, id] = await watched();
  bot.host.brokenBackups.add((await bot.store.liveDeployment('production'))?.rollbackBackup ?? '');
  const live = await bot.store.liveDeployment('production');
  const reply = await bot.press(OLGA, { verb: 'rollback', request: id, environment: 'production', expect: live?.id ?? '' });
  if (reply.kind !== 'accepted') throw new Error('not accepted');
  await pass(bot, MINUTE);
  expect((await story(bot, reply.request.id)).find(({ type }) => type === 'escalation.called')?.data).toMatchObject({
    kind: 'emergency',
    incident: `INC-${reply.request.id}-1`,
    to: 'deployLead',
  });
});

test('nothing to snooze or to acknowledge is said', async () => {
  const [bot, id] = await watched();
  expect(await bot.say(OLGA, `snooze ${id}`)).toMatchObject({ reason: 'no_alert' });
  expect(await bot.say(OLGA, `ack ${id}`)).toMatchObject({ reason: 'unknown_request' });
});
