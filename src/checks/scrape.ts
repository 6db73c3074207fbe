// What the watch keeps of one look at /metrics: small enough for a checkpoint, enough to tell what happened until the next look.

import type { Instant } from '../core/time.ts';
import type { MonitorConfig } from '../core/watch-config.ts';
import { type Metric, parseMetrics } from './prometheus.ts';

/** Plain JSON. Counters since the service started. */
export interface Scrape {
  readonly at: Instant;
  /** `process_start_time_seconds`, where the service tells it. */
  readonly startedAt: number | null;
  /** Status -> requests. */
  readonly requests: Readonly<Record<string, number>>;
  /** Upper bound in seconds, as written ("0.25", "+Inf") -> requests at most that slow; null = the service has no such histogram. */
  readonly buckets: Readonly<Record<string, number>> | null;
}

export type Scraped = { readonly kind: 'scraped'; readonly scrape: Scrape } | { readonly kind: 'unreadable'; readonly why: string };

export function readScrape(text: string, series: MonitorConfig['series'], at: Instant): Scraped {
  const parsed = parseMetrics(text);
  if (parsed.kind === 'broken') return { kind: 'unreadable', why: parsed.why };
  const { metrics, declared } = parsed;
  const named = (name: string) => metrics.filter((metric) => metric.name === name);
  if (!declared.has(series.requests)) return { kind: 'unreadable', why: `there is no series ${series.requests}` };
  const requests = named(series.requests);
  if (requests.some(({ labels }) => labels[series.status] === undefined))
    return { kind: 'unreadable', why: `${series.requests} has no label ${series.status}` };
  const buckets = named(`${series.duration}_bucket`).filter(({ labels }) => labels['le'] !== undefined);
  const wrong = [...requests, ...buckets].find(({ value }) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) return { kind: 'unreadable', why: `${wrong.name} is ${wrong.value}, which no counter can be` };
  const startedAt = named('process_start_time_seconds')[0]?.value;
  return {
    kind: 'scraped',
    scrape: {
      at,
      startedAt: startedAt !== undefined && Number.isFinite(startedAt) ? startedAt : null,
      requests: sumBy(requests, series.status),
      buckets: buckets.length === 0 && !declared.has(series.duration) ? null : sumBy(buckets, 'le'),
    },
  };
}

/** The other labels (path, method ...) do not matter here. */
function sumBy(metrics: readonly Metric[], label: string): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { labels, value } of metrics) {
    const key = labels[label] ?? '';
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return Object.fromEntries(sums);
}
