// One look of the watch: health and version through the public port, what /metrics counted since the last look, and the host's load.

import type { Config, Environment } from '../core/config.ts';
import type { HttpAnswer, Ports } from '../core/ports.ts';
import type { Sample } from '../core/sample.ts';
import { METRICS_MAX_BYTES } from './prometheus.ts';
import { QUIET, ratesBetween } from './rates.ts';
import { readScrape, type Scrape } from './scrape.ts';
import { formatMs } from './units.ts';

export interface WatchContext {
  readonly environment: Environment;
  readonly config: Pick<Config, 'qualityGates'>;
  readonly ports: Pick<Ports, 'clock' | 'gauges' | 'http'>;
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

/** Never throws for what the service does. What was not measured is null, with its reason under `missing`. */
export async function takeSample(context: WatchContext, previous: Scrape | null): Promise<Look> {
  const { environment, ports, job, signal } = context;
  const at = ports.clock.now();
  const timeoutMs = Math.max(SHORTEST_WAIT_MS, Math.min(LONGEST_WAIT_MS, environment.monitor.interval));
  const missing: Missing = {};
  const { health, metrics } = environment.monitor;
  const [healthAnswer, metricsAnswer, load] = await Promise.all([
    ports.http.get(health, { timeoutMs, signal }),
    metrics === null ? null : ports.http.get(metrics, { timeoutMs, signal, maxBytes: METRICS_MAX_BYTES }),
    ports.gauges.host(job.id),
  ]);
  const scrape = scrapeOf(context, metricsAnswer, at, missing);
  const sample: Sample = {
    jobId: job.id,
    environment: environment.name,
    at,
    ...healthOf(healthAnswer, environment.service.ready.versionField, missing),
    ...ratesOf(context, previous, scrape, missing),
    cpu: load.cpu,
    memory: load.memory,
    missing,
  };
  if (load.cpu === null) missing['cpu'] = 'the host does not tell yet';
  if (load.memory === null) missing['memory'] = 'the host does not tell';
  return { sample, scrape: scrape ?? previous };
}

// A port that refuses, hangs or breaks off is not healthy; only where we did not ask at all nobody knows.
function healthOf(answer: HttpAnswer, versionField: string, missing: Missing): Pick<Sample, 'healthy' | 'version' | 'probeMs'> {
  if (answer.kind === 'failed') {
    const asked = answer.code !== 'aborted' && answer.code !== 'bad-url';
    missing[asked ? 'version' : 'healthy'] = `${answer.code}: ${answer.detail}`;
    return { healthy: asked ? false : null, version: null, probeMs: null };
  }
  const healthy = answer.status >= 200 && answer.status < 300;
  const version = versionIn(answer.body, versionField);
  if (version === null) missing['version'] = `the answer has no field ${versionField}`;
  if (!healthy) missing['version'] = `health answered ${answer.status}`;
  return { healthy, version: healthy ? version : null, probeMs: answer.ms };
}

function versionIn(body: string, field: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const version: unknown = Object.entries(parsed).find(([name]) => name === field)?.[1];
    return typeof version === 'string' && version !== '' ? version : null;
  } catch {
    return null;
  }
}

const RATES = ['requests', 'errorRate', 'responseMs'] as const;

function scrapeOf({ environment }: WatchContext, answer: HttpAnswer | null, at: number, missing: Missing): Scrape | null {
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

function ratesOf(
  { config }: WatchContext,
  previous: Scrape | null,
  scrape: Scrape | null,
  missing: Missing,
): Pick<Sample, 'requests' | 'errorRate' | 'responseMs'> {
  if (scrape === null) return { requests: null, errorRate: null, responseMs: null };
  if (previous === null) {
    for (const rate of RATES) missing[rate] = QUIET.first;
    return { requests: null, errorRate: null, responseMs: null };
  }
  const { requests, errorRate, responseMs } = ratesBetween(previous, scrape);
  if (errorRate.kind === 'missing') missing['errorRate'] = errorRate.why;
  if (responseMs.kind === 'missing') missing['responseMs'] = responseMs.why;
  const failed = errorRate.kind === 'measured' ? errorRate.value : null;
  if (responseMs.kind === 'missing') return { requests, errorRate: failed, responseMs: null };
  // "At least 100 ms" neither passes nor fails a threshold of 200 ms.
  if (responseMs.atLeast && responseMs.value <= config.qualityGates.performance.responseTimeMax) {
    missing['responseMs'] = `slower than the histogram's largest bucket, ${formatMs(responseMs.value)}`;
    return { requests, errorRate: failed, responseMs: null };
  }
  return { requests, errorRate: failed, responseMs: responseMs.value };
}
