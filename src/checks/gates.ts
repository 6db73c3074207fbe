// The gates of the watch: what each reads from a sample, and what it compares it with.

import type { QualityGates } from '../core/config.ts';
import type { Measure } from '../core/event.ts';
import type { Baseline, Sample } from '../core/sample.ts';
import { formatMs, formatPercent } from '../core/units.ts';
import { isAsBefore } from './baseline.ts';
import { isQuiet, QUIET } from './rates.ts';

export const GATES = [
  'health',
  'version',
  'service',
  'response-time',
  'probe',
  'error-rate',
  'client-errors',
  'cpu',
  'memory',
  'disk',
  'quality-gates',
  'smoke',
  'reports',
] as const;
export type Gate = (typeof GATES)[number];

export interface Yardstick {
  /** The version that has to answer. */
  readonly tag: string;
  readonly qualityGates: QualityGates;
  /** Percent of the disk that may be used. */
  readonly disk: number;
  /** null = nothing was measured before the switch. */
  readonly before: Baseline | null;
}

/** `number` is what can be compared with a baseline; `asBefore`: it fails, and failed as much before the switch. */
export type Line = Measure & { readonly gate: Gate; readonly number: number | null; readonly asBefore: boolean };

type Judged = Pick<Line, 'value' | 'threshold' | 'state'> & { readonly number?: number | null };
type Numeric = 'responseMs' | 'probeMs' | 'errorRate' | 'clientErrors' | 'cpu' | 'memory' | 'disk';

/** Two people who saw something wrong are no coincidence. */
const REPORTERS = 2;
/** 4xx come from clients, so only their growth says something: twice as many as before, and five points more. */
const CLIENT_ERRORS = { times: 2, points: 5 };

/** One line a gate, in the order people read them. `unknown` is nobody's fault (no traffic yet); `error` is what should have been there. */
export function measure(sample: Sample, yardstick: Yardstick): readonly Line[] {
  const { tag, before, disk } = yardstick;
  const { responseTimeMax, errorRateMax, cpuUsageMax, memoryUsageMax } = yardstick.qualityGates.performance;
  const own = (value: number | null) => (value === null ? '' : ` (the service ${formatPercent(value)})`);
  const answers: readonly [Gate, string, Judged | null][] = [
    ['health', 'Health', yesNo(sample, 'healthy', { yes: 'healthy', no: 'not healthy', want: 'answers 2xx' })],
    ['version', 'Version', versionOf(sample, tag)],
    ['service', 'Service', ifAny(yesNo(sample, 'alive', { yes: 'runs', no: 'its process is gone', want: 'runs' }))],
    ['response-time', 'Response time (p95)', ifAny(atMost(sample, 'responseMs', responseTimeMax, formatMs))],
    ['probe', 'Response time (probe)', ifAny(atMost(sample, 'probeMs', responseTimeMax, formatMs))],
    ['error-rate', 'Error rate', ifAny(atMost(sample, 'errorRate', errorRateMax, formatPercent))],
    ['client-errors', 'Client errors (4xx)', clientErrors(sample, before)],
    ['cpu', 'CPU', suffixed(atMost(sample, 'cpu', cpuUsageMax, formatPercent), own(sample.serviceCpu))],
    ['memory', 'Memory', suffixed(atMost(sample, 'memory', memoryUsageMax, formatPercent), own(sample.serviceMemory))],
    ['disk', 'Disk', ifAny(atMost(sample, 'disk', disk, formatPercent))],
    ['quality-gates', 'Quality gates', sample.gates && { value: sample.gates.detail, threshold: 'all pass', state: sample.gates.verdict }],
    ['smoke', 'Smoke tests', sample.smoke && { value: sample.smoke.detail, threshold: 'critical ones pass', state: passed(sample.smoke) }],
    ['reports', 'User reports', sample.reporters === 0 ? null : reports(sample.reporters)],
  ];
  return answers.flatMap(([gate, label, judged]) => (judged === null ? [] : [line(gate, label, judged, before)]));
}

/** As people and the log get it. */
export function plainMeasure({ gate, label, value, threshold, state }: Line): Measure {
  return { gate, label, value, threshold, state };
}

/** NaN, infinite and negative are no measurements, and no share is more than all of it. */
export function isSane(key: string, value: number): boolean {
  return Number.isFinite(value) && value >= 0 && (key === 'responseMs' || key === 'probeMs' || value <= 100);
}

function line(gate: Gate, label: string, { number = null, ...judged }: Judged, before: Baseline | null): Line {
  const asBefore = judged.state === 'fail' && number !== null && isAsBefore(before, gate, number);
  const value = asBefore ? `${judged.value} (was failing before the switch)` : judged.value;
  return { gate, label, ...judged, value, number, asBefore };
}

function versionOf(sample: Sample, tag: string): Judged {
  const { version } = sample;
  if (version === null) return { threshold: tag, ...missing(sample, 'version') };
  return { threshold: tag, value: version, state: version === tag ? 'pass' : 'fail' };
}

function yesNo(
  sample: Sample,
  key: 'healthy' | 'alive',
  words: { readonly yes: string; readonly no: string; readonly want: string },
): Judged {
  const answer = sample[key];
  if (answer === null) return { threshold: words.want, ...missing(sample, key) };
  return { threshold: words.want, value: answer ? words.yes : words.no, state: answer ? 'pass' : 'fail' };
}

function atMost(sample: Sample, key: Numeric, max: number, format: (value: number) => string): Judged {
  const threshold = `at most ${format(max)}`;
  const measured = sample[key];
  if (measured === null) return { threshold, ...missing(sample, key) };
  if (!isSane(key, measured)) return { threshold, value: `not measured (${measured} cannot be)`, state: 'error' };
  return { threshold, value: format(measured), state: measured <= max ? 'pass' : 'fail', number: measured };
}

function clientErrors(sample: Sample, before: Baseline | null): Judged | null {
  const then = before?.values['client-errors'];
  if (then === undefined) return null;
  return ifAny(
    atMost(sample, 'clientErrors', Math.min(100, Math.max(then * CLIENT_ERRORS.times, then + CLIENT_ERRORS.points)), formatPercent),
  );
}

function reports(reporters: number): Judged {
  const people = reporters === 1 ? 'one person' : `${reporters} people`;
  return {
    value: `${people} reported a problem`,
    threshold: `fewer than ${REPORTERS} people`,
    state: reporters < REPORTERS ? 'pass' : 'fail',
  };
}

function missing({ missing: why }: Sample, key: string): Pick<Judged, 'value' | 'state'> {
  const reason = why[key];
  if (reason === undefined) return { value: 'not measured', state: 'unknown' };
  return { value: `not measured (${reason})`, state: isQuiet(reason) ? 'unknown' : 'error' };
}

/** Without a line where nobody asked: not declared, or a look from before this was measured. */
function ifAny(judged: Judged): Judged | null {
  const unasked = judged.value === 'not measured' || judged.value === `not measured (${QUIET.undeclared})`;
  return judged.state === 'unknown' && unasked ? null : judged;
}

function suffixed(judged: Judged, suffix: string): Judged {
  return judged.number === undefined ? judged : { ...judged, value: `${judged.value}${suffix}` };
}

function passed(facts: { readonly passed: boolean }): Measure['state'] {
  return facts.passed ? 'pass' : 'fail';
}
