// What the world looked like before the switch, so that a new version is not blamed for what was bad already.

import type { Measure } from '../core/event.ts';
import type { Baseline } from '../core/sample.ts';

/** As much of a line of the watch as can be compared. */
interface Compared {
  readonly gate: string;
  readonly number: number | null;
  readonly state: Measure['state'];
}

/** Whether the new version answers is its own doing, whatever was before. */
const COMPARABLE: readonly string[] = ['response-time', 'probe', 'error-rate', 'client-errors', 'cpu', 'memory', 'disk'];
/** Shares of the host cannot grow by half once they are high: there it is points. */
const IN_POINTS: readonly string[] = ['cpu', 'memory', 'disk'];
const TIMES = 1.5;
const POINTS = 10;

export function baselineOf(lines: readonly Compared[]): Baseline {
  const known = lines.flatMap(({ gate, number }) => (number !== null && COMPARABLE.includes(gate) ? [[gate, number] as const] : []));
  const failing = lines.filter(({ gate, state }) => state === 'fail' && COMPARABLE.includes(gate)).map(({ gate }) => gate);
  return { values: Object.fromEntries(known), failing };
}

/** It failed before the switch and is not markedly worse now: not half as much again (CPU, memory, disk: not 10 points more). */
export function isAsBefore(before: Baseline | null, gate: string, now: number): boolean {
  const then = before?.values[gate];
  if (before === null || then === undefined || !before.failing.includes(gate)) return false;
  return now <= (IN_POINTS.includes(gate) ? then + POINTS : then * TIMES);
}
