import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { Environment } from '../../src/core/config.ts';
import type { HttpAnswer } from '../../src/core/ports.ts';
import { nextLook } from '../../src/jobs/steps/watch-saved.ts';
import { testEnvironment } from '../support/config.ts';
import { serveMetrics } from '../support/metrics.ts';
import { ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, BOB, CAROL, OLGA, STRANGER, type World, world } from '../support/world.ts';

const MINUTE = 60_000;

const MONITOR = testEnvironment().monitor;

async function watched(environment: Partial<Environment> = {}) {
  const bot = world({ environment: { ...NO_APPROVALS, ...environment } });
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

test('a rollback that is at work when the watch ends certifies nothing, and ends no alarm', async () => {
  const { service } = testEnvironment();
  const { bot } = await watched({ service: { ...service, ready: { ...service.ready, timeout: 10 * MINUTE } } });
  const id = await deployed(bot, 'v2.1.0');
  const told = async (type: string) => (await bot.store.eventsOf(id)).filter((event) => event.type === type);
  await bot.clock.later(7 * MINUTE);
  bot.host.health.status = 503;
  await bot.clock.later(2 * MINUTE);
  const started = Promise.withResolvers<never>();
  Object.assign(bot.ports.slots, { ready: () => started.promise });
  const live = await bot.store.liveDeployment('production');
  const reply = await bot.press(OLGA, { verb: 'rollback', request: id, environment: 'production', expect: live?.id ?? null });
  const back = reply.kind === 'accepted' ? reply.request.id : reply.kind;
  bot.host.health.status = 200;
  for (let minute = 0; minute < 3; minute += 1) {
    await bot.app.engine.tick();
    await bot.clock.later(MINUTE);
  }
  expect(await told('monitor.ended')).toMatchObject([
    { data: { verdict: 'not-certified', why: `rollback ${back} was moving its traffic at the end` } },
  ]);
  expect(await told('monitor.breached')).toMatchObject([{ data: { gate: 'health' } }]);
  expect([...(await told('monitor.recovered')), ...(await told('escalation.ended'))]).toEqual([]);
});

test('looks stand on the grid of the interval from the beginning to the end', async () => {
  const { bot, id } = await watched();
  await bot.clock.later(11 * MINUTE);
  expect(await offsets(bot, id)).toEqual(Array.from({ length: 21 }, (_, index) => index * 30));
});

describe('a restart in any minute of the watch', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('moves neither the end nor a look, and tells nothing twice: minute %i', async (minute) => {
    const calm = await watched();
    await calm.bot.clock.later(11 * MINUTE);
    const { bot, id, told } = await watched();
    await bot.clock.later(minute * MINUTE + 5_000);
    await bot.app.engine.drain();
    const next = createApp({
      config: bot.config,
      store: bot.store,
      ports: bot.ports,
      owner: 'test:2:2',
      engine: { isOwnerDead: () => true, only: null },
    });
    await bot.clock.later(2_000);
    await next.engine.tick();
    await bot.clock.later(11 * MINUTE);

    expect(await offsets(bot, id)).toEqual(await offsets(calm.bot, calm.id));
    const words = (type: string, of: typeof told) => of(type).then((all) => all.map(({ at, data }) => JSON.stringify([at, data])));
    expect(await words('monitor.updated', told)).toEqual(await words('monitor.updated', calm.told));
    expect(await words('monitor.ended', told)).toEqual(await words('monitor.ended', calm.told));
    expect(await told('monitor.started')).toHaveLength(1);
  });
});

describe('the next look', () => {
  const window = { from: 1_000_000, until: 1_000_000 + 10 * MINUTE };
  const at = (seconds: number) => window.from + seconds * 1_000;

  test.each<[string, number | null, number, number | null]>([
    ['the first is due at once', null, 3, 3],
    ['the next one stands on the grid, however late the last one was', 31, 31, 60],
    ['one that was made is not made again after a restart', 60, 62, 90],
    ['one that was missed is due now, and not made up for', 60, 200, 90],
    ['the last one stands at the end', 590, 591, 600],
    ['also when the end has passed', 300, 4_000, 4_000],
    ['none is due after the last one', 600, 601, null],
    ['a clock that was set back is looked at anew', 300, 120, 120],
  ])('%s', (_title, last, now, due) => {
    expect(nextLook(window, 30_000, last === null ? null : at(last), at(now))).toBe(due === null ? null : at(due));
  });
});

test('a checkpoint that an older version left is gone on with', async () => {
  const { bot, id, told } = await watched();
  bot.host.health.status = 503;
  await bot.clock.later(MINUTE);
  await bot.app.engine.drain();
  const [job] = await bot.store.jobs({ requestId: id, open: true });
  const gate = { failures: 2, passes: 0, breached: false };
  const checkpoint = {
    state: { tag: 'v2.0.0', checks: 2, healthPasses: 0, breaches: 0, gates: { health: gate }, sources: {} },
    scrape: null,
    measures: [],
    told: [0],
  };
  const claimed = await bot.store.claim({
    owner: 'old:1:1',
    now: bot.clock.now(),
    leaseUntil: bot.clock.now() + 1,
    dead: [],
    jobId: job?.id ?? '',
  });
  if (claimed === null) throw new Error('the watch could not be claimed');
  const saved = { ...claimed, checkpoint, version: claimed.version + 1 };
  await bot.store.commit([{ kind: 'job.update', job: saved, owner: 'old:1:1' }], [], bot.clock.now());
  const next = createApp({
    config: bot.config,
    store: bot.store,
    ports: bot.ports,
    owner: 'test:2:2',
    engine: { isOwnerDead: () => true, only: null },
  });
  await bot.clock.later(1_000);
  await next.engine.tick();
  await bot.clock.later(1_000);
  expect(await told('monitor.breached')).toMatchObject([{ data: { gate: 'health', failures: 3 } }]);
  await next.engine.drain();
});

describe('a rollback rule', () => {
  test('is told once with its mode and what there is to go back to, and once when it clears', async () => {
    const environment = { ...NO_APPROVALS, monitor: { ...MONITOR, metrics: 'http://127.0.0.1:8080/metrics' } };
    const bot = world({ environment });
    await deployed(bot, 'v2.0.0');
    const id = await deployed(bot, 'v2.1.0');
    const told = async (type: string) => (await bot.store.eventsOf(id)).filter((event) => event.type === type);
    const stop = serveMetrics(bot, { failing: true });
    await bot.clock.later(7 * MINUTE);
    expect(await told('monitor.rule-met')).toMatchObject([
      { data: { rule: 'error-rate', value: '50 %', mode: 'ask', rollback: { fromTag: 'v2.1.0', toTag: 'v2.0.0' } } },
    ]);
    stop.failing = false;
    await bot.clock.later(2.5 * MINUTE);
    expect(await told('monitor.rule-cleared')).toHaveLength(1);
  });
});

describe('smoke tests during the watch', () => {
  const smoke: Environment['smoke'] = [{ kind: 'http', name: 'hash', path: '/hash', expect: 200, critical: true, timeout: 1_000 }];

  test('run in the background at every so-manieth look, and a critical failure meets the rule', async () => {
    const { bot, told } = await watched({ smoke, monitor: { ...MONITOR, smokeEvery: 4 } });
    bot.host.health.status = 200;
    await bot.clock.later(MINUTE);
    expect(await told('monitor.rule-met')).toEqual([]);
    bot.host.health.status = 500;
    await bot.clock.later(1.5 * MINUTE);
    expect(await told('monitor.rule-met')).toMatchObject([{ data: { rule: 'smoke', value: expect.stringContaining('hash') } }]);
  });

  test('that end while a rollback moves the traffic say nothing: who knows which version they asked', async () => {
    const { bot } = await watched({ smoke, monitor: { ...MONITOR, smokeEvery: 4 } });
    const id = await deployed(bot, 'v2.1.0');
    const asked = Promise.withResolvers<HttpAnswer>();
    const { get } = bot.ports.http;
    Object.assign(bot.ports.http, {
      get: (...[url, options]: Parameters<typeof get>) => (url.endsWith('/hash') ? asked.promise : get(url, options)),
    });
    await bot.clock.later(2 * MINUTE);
    Object.assign(bot.ports.slots, { ready: () => new Promise<never>(() => {}) });
    const live = await bot.store.liveDeployment('production');
    await bot.press(OLGA, { verb: 'rollback', request: id, environment: 'production', expect: live?.id ?? null });
    await bot.app.engine.tick();
    asked.resolve({ kind: 'answered', status: 502, body: '', ms: 1 });
    await bot.clock.later(MINUTE);
    expect((await bot.eventsOf(id)).filter((type) => /^monitor\.(rule-met|breached)/.test(type))).toEqual([]);
  });
});

describe('a report of a problem', () => {
  test('by one person is told with who, what and when; by two it is a warning, and nothing is certified', async () => {
    const { bot, id, told } = await watched();
    await bot.clock.later(MINUTE);
    expect(await bot.say(STRANGER, 'report uploads hang at 99 %')).toMatchObject({ kind: 'done', requestId: id });
    await bot.say(STRANGER, 'report production they still do');
    await bot.clock.later(MINUTE);
    expect(await told('problem.reported')).toMatchObject([
      { actor: STRANGER, data: { text: 'uploads hang at 99 %' } },
      { actor: STRANGER, data: { text: 'they still do' } },
    ]);
    expect(await told('monitor.breached')).toEqual([]);
    await bot.press(CAROL, { verb: 'report', request: id, environment: 'production', expect: null, input: 'here too' });
    await bot.clock.later(MINUTE);
    expect(await told('monitor.breached')).toMatchObject([{ data: { gate: 'reports', value: '2 people reported a problem' } }]);
    await bot.clock.later(11 * MINUTE);
    expect(await told('monitor.ended')).toMatchObject([{ data: { verdict: 'not-certified', why: 'breached at the end: reports' } }]);
  });

  test('handed in twice has one effect, and one without words is refused', async () => {
    const { bot, told } = await watched();
    await bot.say(BOB, 'report black frames');
    await bot.say(BOB, 'report black frames');
    expect(await told('problem.reported')).toHaveLength(1);
    expect(await bot.say(BOB, 'report production')).toMatchObject({ reason: 'usage' });
  });

  test('where nothing is live has nowhere to go', async () => {
    expect(await world().say(BOB, 'report black frames')).toMatchObject({ reason: 'no_live_release' });
  });
});

describe('the baseline', () => {
  test('is measured while people approve, told, and handed to the watch', async () => {
    const bot = world({ environment: { monitor: { ...MONITOR, metrics: 'http://127.0.0.1:8080/metrics' } } });
    serveMetrics(bot, { failing: true });
    await deployed(bot, 'v2.0.0');
    await bot.clock.later(11 * MINUTE);
    const id = await ask(bot, 'deploy v2.1.0');
    await bot.clock.later(2 * MINUTE);
    await bot.say(BOB, `approve ${id}`);
    await bot.say({ ...ANA, id: 'U0OPS' }, `approve ${id}`);
    await bot.work();
    const story = await bot.store.eventsOf(id);
    expect(story.find(({ type }) => type === 'monitor.baseline')).toMatchObject({ data: { failing: ['error-rate'] } });
    await bot.clock.later(11 * MINUTE);
    const after = (await bot.store.eventsOf(id)).filter(({ type }) =>
      ['monitor.breached', 'monitor.rule-met', 'monitor.ended'].includes(type),
    );
    expect(after).toMatchObject([{ type: 'monitor.ended', data: { why: 'fails, as it did before the switch: error-rate' } }]);
  });

  test('of a first deploy is nothing', async () => {
    const { told } = await watched();
    expect(await told('monitor.baseline')).toEqual([]);
  });
});

test('a replay says what the rules of today would have done with the watches of the past', async () => {
  const bot = world({ environment: { ...NO_APPROVALS, monitor: { ...MONITOR, metrics: 'http://127.0.0.1:8080/metrics' } } });
  serveMetrics(bot, { failing: true });
  const id = await deployed(bot, 'v2.0.0');
  await bot.clock.later(11 * MINUTE);
  const answer = await bot.say(STRANGER, `replay --request ${id}`);
  expect(answer).toMatchObject({
    answer: {
      kind: 'replay',
      watches: [{ requestId: id, tag: 'v2.0.0', ended: 'not-certified', met: [{ rule: 'error-rate', mode: 'ask' }] }],
    },
  });
  expect(bot.app.word(answer).title).toBe("By today's rules 1 of 1 watches of production would have gone back");
  expect(await bot.say(STRANGER, 'replay --request d-nope')).toMatchObject({ reason: 'unknown_request' });
  expect(bot.app.word(await world().say(STRANGER, 'replay')).title).toBe('No watch of production is stored yet');
});

async function offsets(bot: World, id: string): Promise<readonly number[]> {
  const [job] = (await bot.store.jobs({ requestId: id })).filter(({ name }) => name === 'monitor');
  const samples = await bot.store.samples(job?.id ?? '', 0);
  return samples.map(({ at }) => Math.round((at - (samples[0]?.at ?? 0)) / 1_000));
}
