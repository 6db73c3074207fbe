// A clock that tests move by hand.

import type { Clock } from '../../src/core/ports.ts';
import type { DurationMs, Instant } from '../../src/core/time.ts';

export interface TestClock extends Clock {
  /** Moves time on and lets everything that slept until then run, in order. */
  readonly later: (ms: DurationMs) => Promise<void>;
  /** Sets the wall clock without waking anybody, as an operator or NTP would. */
  readonly jump: (ms: DurationMs) => void;
}

export function testClock(start: Instant = Date.UTC(2026, 10, 23, 12)): TestClock {
  let now = start;
  let sleepers: { readonly at: Instant; readonly wake: () => void }[] = [];

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        });
      }),
    later: async (ms) => {
      const end = now + ms;
      await settle();
      for (let next = earliest(); next !== null && next.at <= end; next = earliest()) {
        now = Math.max(now, next.at);
        sleepers = sleepers.filter((other) => other !== next);
        next.wake();
        await settle();
      }
      now = end;
      await settle();
    },
    jump: (ms) => {
      now += ms;
    },
  };

  function earliest() {
    return sleepers.reduce<(typeof sleepers)[number] | null>(
      (first, sleeper) => (first === null || sleeper.at < first.at ? sleeper : first),
      null,
    );
  }
}

/** Lets promises and the SQLite turn they wait for run; no time passes on the test clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
