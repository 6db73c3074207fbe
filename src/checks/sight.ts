// What the watch can lose sight of. Where there was nothing to see (no traffic, no metrics declared), nothing is out of sight.

import type { Sample } from '../core/sample.ts';
import type { Gate, Line } from './gates.ts';
import { isQuiet } from './rates.ts';

export const SOURCES = ['health', 'version', 'metrics', 'host', 'quality-gates'] as const;
export type Source = (typeof SOURCES)[number];

interface Sighting {
  readonly source: Source;
  readonly unseen: boolean;
  readonly detail: string;
}

export function sightings(sample: Sample, lines: readonly Line[]): readonly Sighting[] {
  const of = (gate: Gate) => lines.find((line) => line.gate === gate);
  const lost = (gates: readonly Gate[]) => gates.map(of).find((line) => line?.state === 'error');
  const metrics = lost(['response-time', 'error-rate']);
  const host = lost(['cpu', 'memory', 'disk']);
  const golden = of('quality-gates');
  const moving = isQuiet(sample.missing['version'] ?? '');
  return [
    { source: 'health', unseen: sample.healthy === null, detail: of('health')?.value ?? '' },
    // A service that is down answers no version: that is health's to tell.
    { source: 'version', unseen: sample.healthy === true && sample.version === null && !moving, detail: of('version')?.value ?? '' },
    { source: 'metrics', unseen: metrics !== undefined, detail: metrics?.value ?? '' },
    { source: 'host', unseen: host !== undefined, detail: host?.value ?? '' },
    { source: 'quality-gates', unseen: golden?.state === 'error' || golden?.state === 'unknown', detail: golden?.value ?? '' },
  ];
}
