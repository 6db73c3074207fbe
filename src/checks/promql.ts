// Numbers from a Prometheus server: one instant query each, and nothing but exactly one fresh, finite number is an answer.

import type { HttpAnswer, Ports } from '../core/ports.ts';
import { type DurationMs, formatDuration, type Instant } from '../core/time.ts';
import type { PrometheusConfig, PrometheusQuery } from '../core/watch-config.ts';
import { FEWEST_REQUESTS, QUIET } from './rates.ts';

export type PromAnswer = { readonly kind: 'number'; readonly value: number } | { readonly kind: 'missing'; readonly why: string };

export type PromAnswers = Readonly<Partial<Record<PrometheusQuery, PromAnswer>>>;

export interface PromAsk {
  readonly prometheus: PrometheusConfig;
  readonly http: Ports['http'];
  readonly now: Instant;
  readonly interval: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
}

/** An answer is one number; whoever sends more has sent something else. */
const MOST_BYTES = 64 * 1024;
/** Numbers older than so many looks, or from the future by as much, are not of now. */
const STALE_LOOKS = 2;
const SMALLEST_SKEW_MS = 5_000;

/** All at once. When `up` does not answer 1, nothing that Prometheus still knows about the service is of now. */
export async function askPrometheus(ask: PromAsk): Promise<PromAnswers> {
  const asked = Object.entries(ask.prometheus.queries).map(async ([name, query]) => [name, await askOne(ask, query)] as const);
  const answers: PromAnswers = Object.fromEntries(await Promise.all(asked));
  const { up } = answers;
  if (up !== undefined && !(up.kind === 'number' && up.value === 1)) {
    const why = up.kind === 'missing' ? up.why : 'Prometheus does not reach the service';
    return Object.fromEntries(Object.keys(answers).map((name) => [name, { kind: 'missing', why }]));
  }
  return withoutTraffic(answers);
}

/** Rates of hardly any requests are no rates, NaN (nothing divided by nothing) included. */
function withoutTraffic(answers: PromAnswers): PromAnswers {
  const { requests } = answers;
  if (requests?.kind !== 'number' || requests.value >= FEWEST_REQUESTS) return answers;
  const quiet: PromAnswer = { kind: 'missing', why: QUIET.traffic };
  const rates: readonly PrometheusQuery[] = ['errorRate', 'clientErrors', 'responseTime'];
  return { ...answers, ...Object.fromEntries(rates.filter((name) => answers[name] !== undefined).map((name) => [name, quiet])) };
}

async function askOne({ prometheus, http, now, interval, timeoutMs, signal }: PromAsk, query: string): Promise<PromAnswer> {
  const url = `${prometheus.url.replace(/\/+$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer = await http.get(url, { timeoutMs, signal, maxBytes: MOST_BYTES });
  return readInstant(answer, now, Math.max(STALE_LOOKS * interval, SMALLEST_SKEW_MS));
}

/** Pure: what one answer of /api/v1/query says at `now`. */
export function readInstant(answer: HttpAnswer, now: Instant, staleAfterMs: DurationMs): PromAnswer {
  if (answer.kind === 'failed') return missing(`Prometheus: ${answer.code}, ${answer.detail}`);
  const body = objectOf(parse(answer.body));
  if (body === null) return missing(`Prometheus answered ${answer.status} with something that is not its API`);
  if (body['status'] !== 'success') return missing(`Prometheus: ${text(body['errorType'])}, ${text(body['error'])}`);
  const data = objectOf(body['data']);
  const { result, resultType } = data ?? {};
  if (resultType === 'scalar') return numberOf(result, now, staleAfterMs);
  if (resultType !== 'vector' || !Array.isArray(result)) return missing(`the query gives a ${text(resultType)}, want one number`);
  if (result.length === 0) return missing('Prometheus has no data for it');
  if (result.length > 1) return missing(`the query gives ${result.length} series, want one: put sum() or max() around it`);
  return numberOf(objectOf(result[0])?.['value'], now, staleAfterMs);
}

function numberOf(pair: unknown, now: Instant, staleAfterMs: DurationMs): PromAnswer {
  if (!Array.isArray(pair) || pair.length !== 2) return missing('Prometheus gave no value');
  const [seconds, written]: readonly unknown[] = pair;
  if (typeof seconds !== 'number' || typeof written !== 'string' || written === '') return missing('Prometheus gave no value');
  const age = now - seconds * 1_000;
  if (age > staleAfterMs) return missing(`stale: of ${formatDuration(age)} ago`);
  if (age < -staleAfterMs) return missing(`its clock is ${formatDuration(-age)} ahead of ours`);
  const value = Number(written.replace(/^([+-]?)Inf$/, '$1Infinity'));
  return Number.isFinite(value) && value >= 0 ? { kind: 'number', value } : missing(`${written.slice(0, 20)} cannot be`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : 'no reason given';
}

function missing(why: string): PromAnswer {
  return { kind: 'missing', why };
}
