import { describe, expect, test } from 'vitest';
import { askPrometheus, readInstant } from '../../src/checks/promql.ts';
import type { HttpAnswer } from '../../src/core/ports.ts';
import type { PrometheusConfig } from '../../src/core/watch-config.ts';
import { answer, NOW, refused } from './support.ts';

const STALE_MS = 60_000;
const success = (data: unknown) => answer(JSON.stringify({ status: 'success', data }));
const vector = (...values: readonly string[]) =>
  success({ resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [NOW / 1_000, value] })) });
const at = (offsetMs: number) => success({ resultType: 'scalar', result: [(NOW + offsetMs) / 1_000, '3'] });

describe('one answer of Prometheus', () => {
  test.each<[string, HttpAnswer, number | string]>([
    ['a vector of one', vector('0.25'), 0.25],
    ['a scalar', success({ resultType: 'scalar', result: [NOW / 1_000, '3'] }), 3],
    ['an empty vector', vector(), 'Prometheus has no data for it'],
    ['a vector of many', vector('1', '2', '3'), 'the query gives 3 series, want one: put sum() or max() around it'],
    ['a matrix', success({ resultType: 'matrix', result: [] }), 'the query gives a matrix, want one number'],
    ['nothing divided by nothing', vector('NaN'), 'NaN cannot be'],
    ['infinity', vector('+Inf'), '+Inf cannot be'],
    ['a negative number', vector('-0.1'), '-0.1 cannot be'],
    ['a value of no form', success({ resultType: 'vector', result: [{ value: [1] }] }), 'Prometheus gave no value'],
    ['an empty value', vector(''), 'Prometheus gave no value'],
    ['a value as old as allowed', at(-STALE_MS), 3],
    ['a stale value', at(-STALE_MS - 1_000), 'stale: of 1m 1s ago'],
    ['a clock that is ahead', at(STALE_MS + 1_000), 'its clock is 1m 1s ahead of ours'],
    [
      'a query it does not understand',
      answer('{"status":"error","errorType":"bad_data","error":"1:1: parse error"}', 400),
      'Prometheus: bad_data, 1:1: parse error',
    ],
    ['a web page', answer('<html>', 502), 'Prometheus answered 502 with something that is not its API'],
    ['a server that is down', refused, 'Prometheus: ECONNREFUSED, nobody listens'],
    [
      'a server that is slow',
      { kind: 'failed', code: 'timeout', detail: 'no complete answer within 5000 ms', ms: 5_000 },
      'Prometheus: timeout, no complete answer within 5000 ms',
    ],
    [
      '100 MB',
      { kind: 'failed', code: 'too-large', detail: 'more than 65536 bytes', ms: 9 },
      'Prometheus: too-large, more than 65536 bytes',
    ],
  ])('%s', (_title, given, expected) => {
    expect(readInstant(given, NOW, STALE_MS)).toEqual(
      typeof expected === 'number' ? { kind: 'number', value: expected } : { kind: 'missing', why: expected },
    );
  });
});

describe('several queries', () => {
  const ask = (queries: PrometheusConfig['queries'], answers: Readonly<Record<string, HttpAnswer>>) =>
    askPrometheus({
      prometheus: { url: 'http://127.0.0.1:9090/', queries },
      http: { get: async (url) => answers[new URL(url).searchParams.get('query') ?? ''] ?? refused },
      now: NOW,
      interval: 30_000,
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    });
  const number = (value: number) => ({ kind: 'number', value });
  const missing = (why: string) => ({ kind: 'missing', why });

  test('are each answered for themselves', async () => {
    expect(await ask({ errorRate: 'a', cpu: 'b' }, { a: vector('0.2') })).toEqual({
      errorRate: number(0.2),
      cpu: missing('Prometheus: ECONNREFUSED, nobody listens'),
    });
  });

  test('say nothing of a service that Prometheus does not reach', async () => {
    expect(await ask({ up: 'up', errorRate: 'a' }, { up: vector('0'), a: vector('0') })).toEqual({
      up: missing('Prometheus does not reach the service'),
      errorRate: missing('Prometheus does not reach the service'),
    });
  });

  test('of hardly any requests are too little traffic, not a failure', async () => {
    const answers = { n: vector('4.9'), a: vector('NaN'), c: vector('12') };
    expect(await ask({ requests: 'n', errorRate: 'a', cpu: 'c' }, answers)).toEqual({
      requests: number(4.9),
      errorRate: missing('not enough traffic'),
      cpu: number(12),
    });
  });
});
