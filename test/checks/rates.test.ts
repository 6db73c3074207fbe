import { describe, expect, test } from 'vitest';
import { QUIET, ratesBetween } from '../../src/checks/rates.ts';
import { readScrape, type Scrape } from '../../src/checks/scrape.ts';

const SERIES = { requests: 'http_requests_total', status: 'status', duration: 'http_request_duration_seconds' };

const scrape = (requests: Scrape['requests'], buckets: Scrape['buckets'] = null, startedAt: number | null = null): Scrape => ({
  at: 0,
  startedAt,
  requests,
  buckets,
});
const none = scrape({}, {});

describe('the share of 5xx', () => {
  test.each<[string, Scrape['requests'], Scrape['requests'], number, number | string]>([
    ['counts only what came since', { 200: 1_000, 500: 50 }, { 200: 1_990, 500: 60 }, 1_000, 1],
    ['takes every 5xx and no 4xx', {}, { 200: 4, 404: 2, 500: 1, 503: 1 }, 8, 25],
    ['takes 5xx written as a class', {}, { '2xx': 5, '5xx': 5 }, 10, 50],
    ['sees a status for the first time', { 200: 10 }, { 200: 19, 502: 1 }, 10, 10],
    ['takes the new value after a restart', { 200: 1_000, 500: 50 }, { 200: 8, 500: 2 }, 10, 20],
    ['takes all new values when one counter fell', { 200: 1_000, 500: 50 }, { 200: 2_000, 500: 0 }, 2_000, 0],
    ['takes all new values when one counter is gone', { 200: 10, 500: 50 }, { 200: 20 }, 20, 0],
    ['says nothing of four requests', { 200: 10 }, { 200: 12, 500: 2 }, 4, QUIET.traffic],
    ['says something of five requests', { 200: 10 }, { 200: 14, 500: 1 }, 5, 20],
    ['says nothing of no requests', { 200: 10 }, { 200: 10 }, 0, QUIET.traffic],
  ])('%s', (_title, before, now, requests, expected) => {
    const rates = ratesBetween(scrape(before), scrape(now));
    expect(rates.requests).toBe(requests);
    expect(rates.errorRate).toEqual(
      typeof expected === 'number' ? { kind: 'measured', value: expected } : { kind: 'missing', why: expected },
    );
  });

  test('trusts the start time of the process when the counters have already overtaken', () => {
    const rates = ratesBetween(scrape({ 200: 100 }, null, 1_000), scrape({ 200: 300, 500: 100 }, null, 2_000));
    expect(rates).toMatchObject({ requests: 400, errorRate: { kind: 'measured', value: 25 } });
  });
});

describe('the 95th percentile', () => {
  test.each<[string, Scrape['buckets'], number]>([
    ['lies at a bound when exactly so many were faster', { '0.1': 95, '0.2': 100, '+Inf': 100 }, 100],
    ['lies between two bounds', { '0.1': 90, '0.2': 100, '+Inf': 100 }, 150],
    ['lies below the first bound', { '0.1': 100, '+Inf': 100 }, 95],
    ['skips empty buckets', { '0.1': 0, '0.2': 0, '0.4': 100, '+Inf': 100 }, 390],
    ['reads the bounds as numbers, not as text', { '10': 100, '2.5': 0, '+Inf': 100 }, 9_625],
  ])('%s', (_title, buckets, ms) => {
    expect(ratesBetween(none, scrape({}, buckets)).responseMs).toEqual({ kind: 'measured', value: expect.closeTo(ms, 6), atLeast: false });
  });

  test('counts only what came since', () => {
    const before = scrape({}, { '0.1': 1_000, '0.2': 1_000, '+Inf': 1_000 });
    const now = scrape({}, { '0.1': 1_090, '0.2': 1_100, '+Inf': 1_100 });
    expect(ratesBetween(before, now).responseMs).toMatchObject({ value: expect.closeTo(150, 6) });
  });

  test('is only a lower bound beyond the largest bucket', () => {
    expect(ratesBetween(none, scrape({}, { '0.1': 90, '+Inf': 100 })).responseMs).toEqual({ kind: 'measured', value: 100, atLeast: true });
  });

  test.each<[string, Scrape['buckets'], string]>([
    ['no histogram', null, 'there is no such histogram'],
    ['no +Inf bucket', { '0.1': 90 }, 'the histogram has no +Inf bucket'],
    ['buckets that contradict', { '0.1': 90, '0.2': 80, '+Inf': 100 }, 'the buckets of the histogram contradict one another'],
    ['only the +Inf bucket', { '+Inf': 100 }, 'the histogram has no bounds'],
    ['four requests', { '0.1': 4, '+Inf': 4 }, QUIET.traffic],
    ['a histogram without values yet', {}, QUIET.traffic],
  ])('is not told from %s', (_title, buckets, why) => {
    expect(ratesBetween(none, scrape({}, buckets)).responseMs).toEqual({ kind: 'missing', why, atLeast: false });
  });
});

describe('a scrape', () => {
  test('sums over the labels that do not matter', () => {
    const text = [
      'http_requests_total{status="200",path="/a"} 10',
      'http_requests_total{status="200",path="/b"} 5',
      'http_requests_total{status="500",path="/a"} 1',
      'http_request_duration_seconds_bucket{le="0.1",path="/a"} 7',
      'http_request_duration_seconds_bucket{le="0.1",path="/b"} 2',
      'http_request_duration_seconds_bucket{le="+Inf",path="/a"} 16',
      'process_start_time_seconds 1700000000.5',
    ].join('\n');
    expect(readScrape(text, SERIES, 7)).toEqual({
      kind: 'scraped',
      scrape: { at: 7, startedAt: 1_700_000_000.5, requests: { 200: 15, 500: 1 }, buckets: { '0.1': 9, '+Inf': 16 } },
    });
  });

  test('of a service that nobody has asked yet is a scrape', () => {
    const text = '# TYPE http_requests_total counter\n# TYPE http_request_duration_seconds histogram\n';
    expect(readScrape(text, SERIES, 7)).toEqual({ kind: 'scraped', scrape: { at: 7, startedAt: null, requests: {}, buckets: {} } });
  });

  test.each([
    ['other metrics', 'up 1', 'there is no series http_requests_total'],
    ['another label for the status', 'http_requests_total{code="200"} 1', 'http_requests_total has no label status'],
    ['a negative counter', 'http_requests_total{status="200"} -1', 'http_requests_total is -1, which no counter can be'],
    ['NaN', 'http_requests_total{status="200"} NaN', 'http_requests_total is NaN, which no counter can be'],
    ['an infinite counter', 'http_requests_total{status="200"} +Inf', 'http_requests_total is Infinity, which no counter can be'],
    ['a web page', '<html>', 'a web page, not metrics'],
  ])('is not made of %s', (_title, text, why) => {
    expect(readScrape(text, SERIES, 7)).toEqual({ kind: 'unreadable', why });
  });
});
