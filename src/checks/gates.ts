// The gates of the watch: what each reads from a sample, and what it compares it with.

import type { QualityGates } from '../core/config.ts';
import type { Measure } from '../core/event.ts';
import type { Sample } from '../core/sample.ts';
import { isQuiet } from './rates.ts';
import { formatMs, formatPercent } from './units.ts';

export const GATES = ['health', 'version', 'response-time', 'error-rate', 'cpu', 'memory'] as const;
export type Gate = (typeof GATES)[number];

/** One line a gate, in the order people read them. `unknown` is nobody's fault (no traffic yet); `error` is what should have been there. */
export function measure(sample: Sample, tag: string, { performance }: QualityGates): readonly (Measure & { readonly gate: Gate })[] {
  const { responseTimeMax, errorRateMax, cpuUsageMax, memoryUsageMax } = performance;
  return [
    {
      gate: 'health',
      label: 'Health',
      threshold: 'answers 2xx',
      ...judged(
        sample,
        'healthy',
        sample.healthy === null ? null : { value: sample.healthy ? 'healthy' : 'not healthy', good: sample.healthy },
      ),
    },
    {
      gate: 'version',
      label: 'Version',
      threshold: tag,
      ...judged(sample, 'version', sample.version === null ? null : { value: sample.version, good: sample.version === tag }),
    },
    { gate: 'response-time', label: 'Response time (p95)', ...atMost(sample, 'responseMs', responseTimeMax, formatMs) },
    { gate: 'error-rate', label: 'Error rate', ...atMost(sample, 'errorRate', errorRateMax, formatPercent) },
    { gate: 'cpu', label: 'CPU', ...atMost(sample, 'cpu', cpuUsageMax, formatPercent) },
    { gate: 'memory', label: 'Memory', ...atMost(sample, 'memory', memoryUsageMax, formatPercent) },
  ];
}

type Judged = Pick<Measure, 'value' | 'state'>;

function atMost(
  sample: Sample,
  key: 'responseMs' | 'errorRate' | 'cpu' | 'memory',
  max: number,
  format: (value: number) => string,
): Judged & Pick<Measure, 'threshold'> {
  const measured = sample[key];
  // A number that is none would compare as "not above".
  const known = measured === null || Number.isNaN(measured) ? null : { value: format(measured), good: measured <= max };
  return { threshold: `at most ${format(max)}`, ...judged(sample, key, known) };
}

function judged(sample: Sample, key: string, known: { readonly value: string; readonly good: boolean } | null): Judged {
  if (known !== null) return { value: known.value, state: known.good ? 'pass' : 'fail' };
  const why = sample.missing[key];
  if (why === undefined) return { value: 'not measured', state: 'unknown' };
  return { value: `not measured (${why})`, state: isQuiet(why) ? 'unknown' : 'error' };
}
