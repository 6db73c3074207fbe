import { expect, test } from 'vitest';
import { judgeWatch, newWatch, withDefaults } from '../../src/checks/breach.ts';
import { QUIET } from '../../src/checks/rates.ts';
import type { Sample } from '../../src/core/sample.ts';
import { good, JUDGING } from './support.ts';

function totalsOf(samples: readonly Sample[]) {
  return samples.reduce((state, sample) => judgeWatch(state, sample, JUDGING).state, newWatch('v2.1.0')).totals;
}

test('a watch adds up every look: answers, the slowest and the average p95, and the requests that failed', () => {
  const totals = totalsOf([good, { ...good, responseMs: 480, requests: 100, errorRate: 3 }]);
  expect(totals.responseMs).toEqual({ count: 2, sum: 600, most: 480 });
  expect(totals).toMatchObject({ requests: 400, failed: 3 });
  expect(totals.answers - totals.passes).toBe(2);
});

test('what was not measured, or cannot be, is no answer and no number', () => {
  const lost: Sample = {
    ...good,
    responseMs: null,
    errorRate: null,
    missing: { errorRate: 'ECONNREFUSED: x', responseMs: 'ECONNREFUSED: x' },
  };
  const before = totalsOf([good]);
  const after = totalsOf([good, lost, { ...good, errorRate: Number.NaN, responseMs: -1 }]);
  expect(after).toMatchObject({ responseMs: before.responseMs, requests: before.requests, failed: 0 });
  expect(after.answers - after.passes).toBe(0);
});

test('what another version answers while it takes over is not added', () => {
  const moving: Sample = { ...good, version: null, alive: null, missing: { version: QUIET.moving, alive: QUIET.moving } };
  expect(totalsOf([good, moving])).toEqual(totalsOf([good]));
});

test('a golden check that is repeated in every look is one answer', () => {
  const checked: Sample = { ...good, gates: { at: 7, verdict: 'pass', detail: '8 of 8 passed' } };
  expect(totalsOf([checked, checked]).answers).toBe(totalsOf([good, good]).answers + 1);
});

test('a watch that began before these were kept adds up from then on', () => {
  const { totals: _totals, ...old } = newWatch('v2.1.0');
  expect(withDefaults(JSON.parse(JSON.stringify(old))).totals.answers).toBe(0);
});
