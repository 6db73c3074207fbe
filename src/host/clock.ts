// The real clock. Sleeping follows the monotonic clock, so setting the wall clock neither shortens nor lengthens it.

import type { Clock } from '../core/ports.ts';
import type { DurationMs } from '../core/time.ts';

// Node fires a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `longestTimerMs` is for tests: sleeps longer than it are made of several timers. */
export function createClock(longestTimerMs: DurationMs = LONGEST_TIMER_MS): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) => sleep(ms, signal, longestTimerMs),
  };
}

function sleep(ms: DurationMs, signal: AbortSignal | undefined, longestTimerMs: DurationMs): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted || Number.isNaN(ms)) return resolve();
    const end = performance.now() + ms;
    let timer: NodeJS.Timeout;

    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const next = () => {
      const left = end - performance.now();
      // Rounded up: a timer may fire a fraction of a millisecond early.
      if (left > 0) timer = setTimeout(next, Math.min(Math.ceil(left), longestTimerMs));
      else finish();
    };

    signal?.addEventListener('abort', finish, { once: true });
    next();
  });
}
