// Bounded waiting: look, pause, look again.

import type { Clock } from '../../core/ports.ts';
import type { DurationMs } from '../../core/time.ts';

export interface Wait {
  readonly clock: Clock;
  readonly withinMs: DurationMs;
  readonly everyMs: DurationMs;
  readonly signal?: AbortSignal;
}

/**
 * The first answer of `look` that is not null; null when the time is over or the signal aborts before. It looks at least once, and follows
 * the clock's sleep, so that setting the wall clock neither shortens nor lengthens the wait.
 */
export async function waitFor<Found>(wait: Wait, look: () => Promise<Found | null>): Promise<Found | null> {
  const { clock, withinMs, everyMs } = wait;
  const done = new AbortController();
  const signal = wait.signal === undefined ? done.signal : AbortSignal.any([done.signal, wait.signal]);
  let isLate = false;
  const alarm = clock.sleep(withinMs, signal).then(() => {
    isLate = true;
  });
  try {
    for (;;) {
      const found = await look();
      if (found !== null || isLate || signal.aborted) return found;
      await clock.sleep(everyMs, signal);
    }
  } finally {
    done.abort();
    await alarm;
  }
}
