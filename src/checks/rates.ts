// What happened between two looks at /metrics: how many requests, how many failed, how slow they were.

import type { Sample } from '../core/sample.ts';
import type { Scrape } from './scrape.ts';

/** Reasons that are nobody's fault: they never count as blindness. */
export const QUIET = {
  first: 'first look',
  traffic: 'not enough traffic',
  undeclared: 'not declared',
  moving: 'traffic is being moved',
} as const;

export function isQuiet(reason: string): boolean {
  return Object.values(QUIET).some((quiet) => quiet === reason);
}

/** Another version takes over: what looks well may be its doing, what looks ill is believed all the same. */
export function isMoving({ missing }: Sample): boolean {
  return missing['version'] === QUIET.moving;
}

/** A percentage of fewer requests says nothing. */
export const FEWEST_REQUESTS = 5;
const PERCENTILE = 0.95;

type Rate = { readonly kind: 'measured'; readonly value: number } | { readonly kind: 'missing'; readonly why: string };

export interface Rates {
  readonly requests: number;
  /** Percent of 5xx. */
  readonly errorRate: Rate;
  /** Percent of 4xx. */
  readonly clientErrors: Rate;
  /** Milliseconds, p95. `atLeast`: slower than the largest bucket, whose bound this is. */
  readonly responseMs: Rate & { readonly atLeast: boolean };
}

export function ratesBetween(before: Scrape, now: Scrape): Rates {
  const restarted = hasRestarted(before, now);
  const requests = grown(restarted ? {} : before.requests, now.requests);
  const total = sum(Object.values(requests));
  const share = (status: RegExp): Rate =>
    total < FEWEST_REQUESTS
      ? missing(QUIET.traffic)
      : measured((sum(Object.entries(requests).flatMap(([name, count]) => (status.test(name) ? [count] : []))) / total) * 100);
  return {
    requests: total,
    errorRate: share(/^5(\d\d|xx)$/i),
    clientErrors: share(/^4(\d\d|xx)$/i),
    responseMs: slowness(restarted ? null : before.buckets, now.buckets),
  };
}

// Counters only grow. One that is smaller, or gone, began anew, and with it all others of the process.
function hasRestarted(before: Scrape, now: Scrape): boolean {
  if (before.startedAt !== null && now.startedAt !== null && before.startedAt !== now.startedAt) return true;
  return shrank(before.requests, now.requests) || shrank(before.buckets ?? {}, now.buckets ?? {});
}

function shrank(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): boolean {
  return Object.entries(before).some(([key, count]) => (now[key] ?? 0) < count);
}

function grown(before: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(now).map(([key, count]) => [key, count - (before[key] ?? 0)]));
}

function slowness(before: Scrape['buckets'], now: Scrape['buckets']): Rates['responseMs'] {
  if (now === null) return { ...missing('there is no such histogram'), atLeast: false };
  const buckets = Object.entries(grown(before ?? {}, now))
    .map(([bound, count]) => ({ bound: /^\+?inf$/i.test(bound) ? Number.POSITIVE_INFINITY : Number(bound), count }))
    .sort((one, other) => one.bound - other.bound);
  const total = buckets.at(-1)?.count ?? 0;
  if (buckets.length > 0 && buckets.at(-1)?.bound !== Number.POSITIVE_INFINITY)
    return { ...missing('the histogram has no +Inf bucket'), atLeast: false };
  if (buckets.some(({ count }, index) => count < (buckets[index - 1]?.count ?? 0)))
    return { ...missing('the buckets of the histogram contradict one another'), atLeast: false };
  if (total < FEWEST_REQUESTS) return { ...missing(QUIET.traffic), atLeast: false };
  return percentile(buckets, PERCENTILE * total);
}

/** Between two bounds the requests are taken as evenly spread. */
function percentile(buckets: readonly { readonly bound: number; readonly count: number }[], rank: number): Rates['responseMs'] {
  const at = buckets.findIndex(({ count }) => count >= rank);
  const upper = buckets[at] ?? { bound: Number.POSITIVE_INFINITY, count: 0 };
  const lower = buckets[at - 1] ?? { bound: 0, count: 0 };
  if (upper.bound === Number.POSITIVE_INFINITY) {
    return at < 1 ? { ...missing('the histogram has no bounds'), atLeast: false } : { ...measured(lower.bound * 1_000), atLeast: true };
  }
  const share = (rank - lower.count) / (upper.count - lower.count);
  return { ...measured((lower.bound + (upper.bound - lower.bound) * share) * 1_000), atLeast: false };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function measured(value: number): Extract<Rate, { kind: 'measured' }> {
  return { kind: 'measured', value };
}

function missing(why: string): Extract<Rate, { kind: 'missing' }> {
  return { kind: 'missing', why };
}
