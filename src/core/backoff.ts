// Waiting times that grow, with a ceiling and jitter, so that many bots do not come back in step.

import type { DurationMs } from './time.ts';

/** 1 s, 2 s, 4 s ... up to `capMs`; jitter takes off at most a quarter. `attempt` counts from 1, `random` answers 0..1. */
export function backoffMs(attempt: number, capMs: DurationMs, random: () => number): DurationMs {
  const full = Math.min(capMs, 1_000 * 2 ** Math.min(Math.max(0, attempt - 1), 20));
  return Math.round(full * (1 - random() / 4));
}
