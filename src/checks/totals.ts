// The whole watch in a few numbers, for its last words: a summary each quarter of an hour misses what lay between.

import type { Sample } from '../core/sample.ts';
import type { Spread, WatchTotals } from '../core/watch-totals.ts';
import { isSane, type Line } from './gates.ts';

export function newTotals(): WatchTotals {
  return { answers: 0, passes: 0, responseMs: { count: 0, sum: 0, most: 0 }, requests: 0, failed: 0 };
}

export function addLook(totals: WatchTotals, sample: Sample, lines: readonly Line[]): WatchTotals {
  const counted = (state: Line['state']) => lines.filter((line) => line.state === state).length;
  const { requests, errorRate, responseMs } = sample;
  const known = requests !== null && errorRate !== null && isSane('errorRate', errorRate);
  return {
    answers: totals.answers + counted('pass') + counted('fail'),
    passes: totals.passes + counted('pass'),
    responseMs: responseMs !== null && isSane('responseMs', responseMs) ? widen(totals.responseMs, responseMs) : totals.responseMs,
    requests: totals.requests + (known ? requests : 0),
    failed: totals.failed + (known ? Math.round((requests * errorRate) / 100) : 0),
  };
}

function widen({ count, sum, most }: Spread, value: number): Spread {
  return { count: count + 1, sum: sum + value, most: Math.max(most, value) };
}
