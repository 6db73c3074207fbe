import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Scrape } from '../../src/checks/scrape.ts';
import { takeSample } from '../../src/checks/watch.ts';
import type { HttpAnswer, Ports } from '../../src/core/ports.ts';
import { createHttp } from '../../src/host/http.ts';
import { testClock } from '../support/clock.ts';
import { answer, declared, gauges, http, NOW, refused } from './support.ts';

const HEALTHY = answer('{"status":"ok","version":"v2.1.0"}');
const before: Scrape = {
  at: NOW - 30_000,
  startedAt: null,
  requests: { 200: 900, 500: 1 },
  buckets: { '0.1': 900, '0.2': 901, '+Inf': 901 },
};
const COUNTED = [
  'http_requests_total{status="200"} 1899',
  'http_requests_total{status="500"} 2',
  'http_request_duration_seconds_bucket{le="0.1"} 1800',
  'http_request_duration_seconds_bucket{le="0.2"} 1901',
  'http_request_duration_seconds_bucket{le="+Inf"} 1901',
].join('\n');

const RUNNING = { status: async () => ({ kind: 'running', pid: 1, release: null, tag: null }) as const };

async function look(
  answers: Record<string, HttpAnswer>,
  previous: Scrape | null = before,
  more: { monitor?: unknown; load?: Ports['gauges'] } = {},
) {
  const { config, environment } = await declared('environments.production.monitor', more.monitor ?? {});
  const ports = { clock: testClock(NOW), http: http(answers), gauges: more.load ?? gauges(async () => 0), slots: RUNNING };
  return takeSample({ environment, config, ports, job: { id: 'm-1' }, signal: new AbortController().signal }, previous, 'blue');
}

describe('one look of the watch', () => {
  test('measures everything through the public port', async () => {
    const { sample, scrape } = await look({ '/health': HEALTHY, '/metrics': answer(COUNTED) });
    expect(sample).toEqual({
      jobId: 'm-1',
      environment: 'production',
      at: NOW,
      healthy: true,
      version: 'v2.1.0',
      alive: true,
      probeMs: 12,
      responseMs: expect.closeTo(150, 6),
      errorRate: 0.1,
      clientErrors: 0,
      requests: 1_000,
      cpu: 20,
      memory: 40,
      serviceCpu: 5,
      serviceMemory: 6,
      disk: 30,
      gates: null,
      smoke: null,
      reporters: 0,
      missing: {},
    });
    expect(scrape).toEqual({
      at: NOW,
      startedAt: null,
      requests: { 200: 1_899, 500: 2 },
      buckets: { '0.1': 1_800, '0.2': 1_901, '+Inf': 1_901 },
    });
  });

  test('has no rates the first time', async () => {
    const { sample, scrape } = await look({ '/health': HEALTHY, '/metrics': answer(COUNTED) }, null);
    expect(sample).toMatchObject({
      requests: null,
      errorRate: null,
      responseMs: null,
      missing: { errorRate: 'first look', responseMs: 'first look' },
    });
    expect(scrape?.requests).toEqual({ 200: 1_899, 500: 2 });
  });

  test.each<[string, HttpAnswer, object]>([
    [
      'a port that refuses',
      refused,
      { healthy: false, version: null, probeMs: null, missing: { version: 'ECONNREFUSED: nobody listens' } },
    ],
    [
      'a status of 503',
      answer('{"version":"v2.1.0"}', 503),
      { healthy: false, version: null, missing: { version: 'health answered 503' } },
    ],
    [
      'an answer without a version',
      answer('{"status":"ok"}'),
      { healthy: true, version: null, missing: { version: 'the answer has no field version' } },
    ],
    ['an answer that is no JSON', answer('ok'), { healthy: true, version: null }],
    ['a version that is no text', answer('{"version":21}'), { healthy: true, version: null }],
    ['an inherited field', answer('[]'), { healthy: true, version: null }],
    [
      'a question cut short',
      { kind: 'failed', code: 'aborted', detail: 'x', ms: 0 },
      { healthy: null, version: null, missing: { healthy: 'aborted: x' } },
    ],
  ])('takes %s for what it is', async (_title, health, expected) => {
    const { sample } = await look({ '/health': health, '/metrics': answer(COUNTED) });
    expect(sample).toMatchObject(expected);
  });

  test.each<[string, HttpAnswer, string]>([
    ['refused', refused, 'ECONNREFUSED: nobody listens'],
    ['not found', answer('', 404), 'metrics answered 404'],
    ['a web page', answer('<html>'), 'a web page, not metrics'],
  ])('keeps the last counters while metrics are %s', async (_title, metrics, why) => {
    const { sample, scrape } = await look({ '/health': HEALTHY, '/metrics': metrics });
    expect(sample).toMatchObject({
      errorRate: null,
      responseMs: null,
      requests: null,
      missing: { errorRate: why, responseMs: why, requests: why },
    });
    expect(scrape).toBe(before);
  });

  test('does not ask for metrics that are not declared', async () => {
    const { sample } = await look({ '/health': HEALTHY }, null, { monitor: { metrics: null } });
    expect(sample).toMatchObject({ healthy: true, errorRate: null, missing: { errorRate: 'not declared' } });
  });

  test.each([
    ['neither passes nor fails', 'http_request_duration_seconds_bucket{le="0.1"} 0', null],
    ['fails', 'http_request_duration_seconds_bucket{le="10"} 0', 10_000],
  ])('with answers slower than the largest bucket %s', async (_title, bucket, responseMs) => {
    const text = `http_requests_total{status="200"} 10\n${bucket}\nhttp_request_duration_seconds_bucket{le="+Inf"} 10\n`;
    const { sample } = await look({ '/health': HEALTHY, '/metrics': answer(text) });
    expect(sample.responseMs).toBe(responseMs);
    if (responseMs === null) expect(sample.missing['responseMs']).toBe("slower than the histogram's largest bucket, 100 ms");
  });

  test('says when the host does not tell its load', async () => {
    const { sample } = await look({ '/health': HEALTHY, '/metrics': answer(COUNTED) }, before, { load: gauges(async () => 0, null, null) });
    expect(sample).toMatchObject({
      cpu: null,
      memory: null,
      missing: { cpu: 'the host does not tell yet', memory: 'the host does not tell' },
    });
  });
});

describe('against a real server', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  test('reads what it answers', async () => {
    let served = 0;
    const server = createServer((request, response) => {
      served += 1;
      response.end(request.url === '/health' ? '{"version":"v2.1.0"}' : `http_requests_total{status="200"} ${served * 100}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    const { config, environment } = await declared('environments.production.proxy', { listen: port });
    const context = {
      environment,
      config,
      ports: { clock: testClock(NOW), http: createHttp(), gauges: gauges(async () => 0), slots: RUNNING },
      job: { id: 'm-1' },
      signal: new AbortController().signal,
    };
    const first = await takeSample(context, null);
    const second = await takeSample(context, first.scrape);
    expect(second.sample).toMatchObject({ healthy: true, version: 'v2.1.0', errorRate: 0, responseMs: null });
    expect(second.sample.missing['responseMs']).toBe('there is no such histogram');
  });
});
