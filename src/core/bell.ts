// Lets a loop sleep until something happens or a time has passed.

import type { Clock } from './ports.ts';
import type { DurationMs } from './time.ts';

export interface Bell {
  readonly ring: () => void;
  /** Resolves on `ring` (also one that came since the last wait), after `ms`, or when the signal aborts. */
  readonly wait: (ms: DurationMs, signal: AbortSignal) => Promise<void>;
}

/** Said, because an abort without a reason makes an error with a stack each time. */
const RUNG = 'rung';

export function createBell(clock: Clock): Bell {
  let rung = false;
  let wake: () => void = () => {};

  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (ms, signal) => {
      if (!rung && !signal.aborted) {
        const early = new AbortController();
        wake = () => early.abort(RUNG);
        await clock.sleep(ms, AbortSignal.any([signal, early.signal]));
      }
      rung = false;
    },
  };
}
