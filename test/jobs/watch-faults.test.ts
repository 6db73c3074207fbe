// What a watch makes of a metrics endpoint and of a clock that misbehave, and of two hundred watches at once.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Environment } from '../../src/core/config.ts';
import { createHttp } from '../../src/host/http.ts';
import { newJob } from '../../src/jobs/new-job.ts';
import { MINUTE, SECOND } from '../support/alarms.ts';
import { testEnvironment } from '../support/config.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { type World, world } from '../support/world.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const MONITOR = { ...testEnvironment().monitor, metrics: 'http://127.0.0.1:8080/metrics' };

async function watched(monitor: Partial<Environment['monitor']> = {}): Promise<readonly [World, string]> {
  const bot = world({ environment: { ...NO_APPROVALS, monitor: { ...MONITOR, ...monitor } } });
  ends.push(bot.opened.close);
  return [bot, await deployed(bot, 'v2.0.0')];
}

async function samplesOf(bot: World, id: string) {
  const [job] = (await bot.store.jobs({ requestId: id })).filter(({ name }) => name === 'monitor');
  return bot.store.samples(job?.id ?? '', 0);
}

const counters = (good: number, bad: number) => `http_requests_total{status="200"} ${good}\nhttp_requests_total{status="500"} ${bad}\n`;

test('a counter that begins anew counts from nothing: neither a negative rate nor one of the past', async () => {
  const [bot, id] = await watched();
  const series = [counters(1_000, 500), counters(1_100, 500), counters(40, 10), counters(140, 10)];
  for (const text of series) {
    bot.host.metrics = text;
    await bot.clock.later(30 * SECOND);
  }
  const rates = (await samplesOf(bot, id)).map(({ errorRate, requests }) => [requests, errorRate]);
  expect(rates.slice(-3)).toEqual([
    [100, 0],
    [50, 20],
    [100, 0],
  ]);
});

test('a series that stands there twice is an error of the metrics, never a sum, and is an incident after three looks', async () => {
  const [bot, id] = await watched();
  bot.host.metrics = `${counters(10, 0)}${counters(90, 0)}`;
  await bot.clock.later(2 * MINUTE);
  expect((await samplesOf(bot, id)).at(-1)).toMatchObject({
    errorRate: null,
    missing: { errorRate: expect.stringMatching(/repeats/) },
  });
  const blind = (await bot.store.eventsOf(id)).filter(({ type }) => type === 'monitor.blind');
  expect(blind).toMatchObject([{ data: { source: 'metrics' } }]);
});

test('100 MB of metrics are left alone after the limit, and are an incident after three looks', async () => {
  let sent = 0;
  const server = createServer((_request, response) => {
    const chunk = Buffer.alloc(1_048_576, '# padding\n');
    const more = () => {
      while (sent < 100 && !response.destroyed) {
        sent += 1;
        if (!response.write(chunk)) return response.once('drain', more);
      }
      return response.end();
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const [bot, id] = await watched({ metrics: `http://127.0.0.1:${port}/metrics` });
  const { get } = bot.ports.http;
  const real = createHttp();
  Object.assign(bot.ports.http, {
    get: (...asked: Parameters<typeof get>) => (asked[0].endsWith('/metrics') ? real.get : get)(...asked),
  });
  const blind = async () => (await bot.store.eventsOf(id)).filter(({ type }) => type === 'monitor.blind');
  await expect
    .poll(
      async () => {
        await bot.clock.later(10 * SECOND);
        return blind();
      },
      { interval: 5, timeout: 20_000 },
    )
    .toMatchObject([{ data: { source: 'metrics', detail: expect.stringContaining('too-large') } }]);
  expect(sent).toBeLessThan(100);
});

test('a clock that is set back, then forward again, makes no look twice and moves no end', async () => {
  const [bot, id] = await watched({ metrics: null });
  await bot.clock.later(2 * MINUTE);
  const from = bot.clock.now();
  bot.clock.jump(-MINUTE);
  await bot.clock.later(30 * SECOND);
  bot.clock.jump(30 * SECOND);
  await bot.clock.later(11 * MINUTE);
  const events = await bot.store.eventsOf(id);
  const started = events.find((told) => told.type === 'monitor.started');
  const ended = events.filter((told) => told.type === 'monitor.ended');
  expect(ended).toHaveLength(1);
  expect(started?.type === 'monitor.started' && ended[0]?.at).toBe(started?.type === 'monitor.started' && started.data.until);
  const times = (await samplesOf(bot, id)).map(({ at }) => at);
  expect(new Set(times).size).toBe(times.length);
  expect(times.filter((at) => at > from).length).toBeGreaterThan(10);
  expect(events.filter(({ type }) => type === 'monitor.breached')).toEqual([]);
});

test('two hundred environments watched at once are each looked at on their grid', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `env${index}`);
  const monitor = { ...MONITOR, metrics: null, duration: MINUTE, updates: [] };
  const environments = Object.fromEntries(names.map((name) => [name, testEnvironment({ name, root: `/srv/${name}`, monitor })]));
  const bot = world({ config: { environments, defaultEnvironment: 'env0' } });
  ends.push(bot.opened.close);
  bot.host.health.version = 'v1.0.0';
  for (const name of names) {
    const input = { durationMs: MINUTE, deploymentId: `live-${name}`, tag: 'v1.0.0', after: 'request', before: null } as const;
    const job = newJob({ id: `j-${name}`, name: 'monitor', requestId: `m-${name}`, environment: name, input, now: bot.clock.now() });
    await bot.store.commit([{ kind: 'job.create', job }], [], bot.clock.now());
  }
  for (let second = 0; second < 80; second += 1) {
    await bot.app.engine.tick();
    await bot.clock.later(SECOND);
  }
  for (const name of names) {
    const ended = (await bot.store.eventsOf(`m-${name}`)).filter(({ type }) => type === 'monitor.ended');
    expect(ended, name).toHaveLength(1);
    const samples = await bot.store.samples(`j-${name}`, 0);
    const first = samples[0]?.at ?? 0;
    expect(
      samples.map(({ at }) => at - first),
      name,
    ).toEqual([0, 30_000, 60_000]);
  }
});
