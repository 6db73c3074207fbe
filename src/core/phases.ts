// Where the time of one request went.

import type { DurationMs } from './time.ts';

/** Each phase alone, not since the start; null = there was none (an address needs no DNS, http no TLS), or it was not reached. */
export interface Phases {
  readonly dnsMs: DurationMs | null;
  readonly connectMs: DurationMs | null;
  readonly tlsMs: DurationMs | null;
  /** From the connection to the first byte of the answer: the service at work. */
  readonly firstByteMs: DurationMs | null;
}

const NAMES: readonly (readonly [keyof Phases, string])[] = [
  ['dnsMs', 'DNS'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
];

/** "DNS 1 ms, connect 0.4 ms, first byte 12 ms, total 13 ms"; only the total where a port tells no more. */
export function describePhases({ ms, phases }: { readonly ms: DurationMs; readonly phases?: Phases }): string {
  const parts = NAMES.flatMap(([key, name]) => {
    const took = phases?.[key] ?? null;
    return took === null ? [] : [`${name} ${shown(took)}`];
  });
  return [...parts, `total ${shown(ms)}`].join(', ');
}

/** The phase that took the most; null when none was told. */
export function slowestPhase(phases: Phases): keyof Phases | null {
  const known = NAMES.flatMap(([key]) => (phases[key] === null ? [] : [{ key, took: phases[key] }]));
  return known.sort((one, other) => other.took - one.took)[0]?.key ?? null;
}

/** Rounded up, as what is over a threshold must never look equal to it. */
function shown(ms: DurationMs): string {
  return ms < 10 ? `${Math.ceil(ms * 10 - 1e-6) / 10} ms` : `${Math.ceil(ms - 1e-6)} ms`;
}
