// One look of the watch: health and version through the public port, what was counted since the last look, and what host and service use.

import type { Config, Environment } from '../core/config.ts';
import type { Gauges, HttpAnswer, Ports, Slots } from '../core/ports.ts';
import type { Sample } from '../core/sample.ts';
import type { Slot } from '../core/slot.ts';
import type { Instant } from '../core/time.ts';
import { formatMs } from '../core/units.ts';
import type { PrometheusQuery } from '../core/watch-config.ts';
import { isSane } from './gates.ts';
import { healthOf } from './health.ts';
import { METRICS_MAX_BYTES } from './prometheus.ts';
import { askPrometheus, type PromAnswers } from './promql.ts';
import { QUIET, type Rates, ratesBetween } from './rates.ts';
import { readScrape, type Scrape } from './scrape.ts';

export interface WatchContext {
  readonly environment: Environment;
  readonly config: Pick<Config, 'qualityGates'>;
  readonly ports: Pick<Ports, 'clock' | 'http'> & {
    readonly gauges: Pick<Gauges, 'host' | 'tree' | 'disk'>;
    readonly slots: Pick<Slots, 'status'>;
  };
  readonly job: { readonly id: string };
  readonly signal: AbortSignal;
}

export interface Look {
  readonly sample: Sample;
  /** To be kept (it is JSON) and handed to the next look. */
  readonly scrape: Scrape | null;
}

type Missing = Record<string, string>;

const LONGEST_WAIT_MS = 5_000;
const SHORTEST_WAIT_MS = 1_000;
/** Where little happens, so many looks are counted together until there is enough to judge; each request counts once. */
const MOST_TOGETHER = 10;

/** Never throws for what the service does. What was not measured is null, with its reason under `missing`. `slot`: where what is watched runs, if known. */
export async function takeSample(context: WatchContext, previous: Scrape | null, slot: Slot | null = null): Promise<Look> {
  const { environment, ports, job, signal } = context;
  const at = ports.clock.now();
  const { interval, health, metrics, prometheus } = environment.monitor;
  const timeoutMs = Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, interval));
  const missing: Missing = {};
  const [healthAnswer, metricsAnswer, asked, load, service, disk] = await Promise.all([
    ports.http.get(health, { timeoutMs, signal }),
    metrics === null ? null : ports.http.get(metrics, { timeoutMs, signal, maxBytes: METRICS_MAX_BYTES }),
    prometheus === null ? {} : askPrometheus({ prometheus, http: ports.http, now: at, interval, timeoutMs, signal }),
    ports.gauges.host(job.id),
    serviceIn(context, slot),
    ports.gauges.disk(environment.root),
  ]);
  const scrape = scrapeOf(context, metricsAnswer, at, missing);
  const rates = ratesOf(context, previous, scrape, missing);
  if (load.cpu === null) missing['cpu'] = 'the host does not tell yet';
  if (load.memory === null) missing['memory'] = 'the host does not tell';
  if (disk === null) missing['disk'] = 'the host does not tell';
  if (service.why !== null) missing['alive'] = service.why;
  const sample: Sample = {
    jobId: job.id,
    environment: environment.name,
    at,
    ...healthOf(healthAnswer, environment.service.ready.versionField, missing),
    alive: service.alive,
    ...rates,
    cpu: load.cpu,
    memory: load.memory,
    serviceCpu: service.cpu,
    serviceMemory: service.memory,
    disk,
    gates: null,
    smoke: null,
    reporters: 0,
    missing,
  };
  return { sample: withAsked(sample, asked, missing), scrape: nextBase(previous, scrape, rates.requests, missing, interval) };
}

const RATES = ['requests', 'errorRate', 'clientErrors', 'responseMs'] as const;
type RateValues = Pick<Sample, (typeof RATES)[number]>;
const NO_RATES: RateValues = { requests: null, errorRate: null, clientErrors: null, responseMs: null };

function scrapeOf({ environment }: WatchContext, answer: HttpAnswer | null, at: Instant, missing: Missing): Scrape | null {
  const unread = (why: string) => {
    for (const rate of RATES) missing[rate] = why;
    return null;
  };
  if (answer === null) return unread(QUIET.undeclared);
  if (answer.kind === 'failed') return unread(`${answer.code}: ${answer.detail}`);
  if (answer.status !== 200) return unread(`metrics answered ${answer.status}`);
  const scraped = readScrape(answer.body, environment.monitor.series, at);
  return scraped.kind === 'scraped' ? scraped.scrape : unread(scraped.why);
}

function ratesOf({ config }: WatchContext, previous: Scrape | null, scrape: Scrape | null, missing: Missing): RateValues {
  if (scrape === null) return NO_RATES;
  if (previous === null) {
    for (const rate of RATES) missing[rate] = QUIET.first;
    return NO_RATES;
  }
  const { requests, errorRate, clientErrors, responseMs } = ratesBetween(previous, scrape);
  const known = (name: string, rate: Rates['errorRate']) => {
    if (rate.kind === 'measured') return rate.value;
    missing[name] = rate.why;
    return null;
  };
  const values = { requests, errorRate: known('errorRate', errorRate), clientErrors: known('clientErrors', clientErrors) };
  // "At least 100 ms" neither passes nor fails a threshold of 200 ms.
  if (responseMs.kind === 'measured' && responseMs.atLeast && responseMs.value <= config.qualityGates.performance.responseTimeMax) {
    missing['responseMs'] = `slower than the histogram's largest bucket, ${formatMs(responseMs.value)}`;
    return { ...values, responseMs: null };
  }
  return { ...values, responseMs: known('responseMs', responseMs) };
}

/** What the next look is compared with: this one, unless it held too little to judge. */
function nextBase(
  previous: Scrape | null,
  scrape: Scrape | null,
  requests: number | null,
  missing: Missing,
  interval: number,
): Scrape | null {
  if (scrape === null || previous === null) return scrape ?? previous;
  const quiet = missing['errorRate'] === QUIET.traffic && requests !== null;
  const age = scrape.at - previous.at;
  return quiet && age >= 0 && age < MOST_TOGETHER * interval ? previous : scrape;
}

const FROM_PROMETHEUS = {
  requests: 'requests',
  errorRate: 'errorRate',
  clientErrors: 'clientErrors',
  responseTime: 'responseMs',
  cpu: 'cpu',
  memory: 'memory',
} as const satisfies Partial<Record<PrometheusQuery, keyof Sample>>;

/** What Prometheus is asked for counts as it answers; there is no falling back to another source in silence. */
function withAsked(sample: Sample, asked: PromAnswers, missing: Missing): Sample {
  const values: Record<string, number | null> = {};
  for (const [query, key] of Object.entries(FROM_PROMETHEUS)) {
    const answer = Object.entries(asked).find(([name]) => name === query)?.[1];
    if (answer === undefined) continue;
    delete missing[key];
    const sane = answer.kind === 'number' && (key === 'requests' || isSane(key, answer.value));
    values[key] = answer.kind === 'number' && sane ? answer.value : null;
    if (!sane) missing[key] = answer.kind === 'missing' ? answer.why : `${answer.value} % cannot be`;
  }
  return { ...sample, ...values };
}

interface ServiceUse {
  readonly alive: boolean | null;
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly why: string | null;
}

async function serviceIn({ environment, ports, job }: WatchContext, slot: Slot | null): Promise<ServiceUse> {
  const nobody = { cpu: null, memory: null };
  if (slot === null) return { ...nobody, alive: null, why: QUIET.undeclared };
  try {
    const status = await ports.slots.status(environment, slot);
    if (status.kind !== 'running') return { ...nobody, alive: false, why: null };
    return { ...(await ports.gauges.tree(job.id, status.pid)), alive: true, why: null };
  } catch (thrown) {
    return { ...nobody, alive: null, why: thrown instanceof Error ? thrown.message : 'the host does not tell' };
  }
}
