// Waiting for something to become true, with an end.

import { BotError } from '../src/core/error.ts';

const POLL_MS = 100;

export interface Wait {
  /** "Bob's approval to count": ends the sentence "waited 20 s for ...". */
  readonly what: string;
  readonly timeoutMs: number;
  /** More words for the failure. */
  readonly seen?: () => string;
  readonly signal?: AbortSignal;
}

/** Asks every 100 ms until the answer is neither null, undefined nor false. Throws BotError `demo-timed-out` or `demo-stopped`. */
export async function until<T>(ask: () => Promise<T | null | undefined | false>, wait: Wait): Promise<T> {
  const end = performance.now() + wait.timeoutMs;
  for (;;) {
    const found = await ask();
    if (found !== null && found !== undefined && found !== false) return found;
    if (wait.signal?.aborted) throw new BotError({ code: 'demo-stopped', message: `Stopped while waiting for ${wait.what}.`, hint: null });
    if (performance.now() > end) {
      const seen = wait.seen?.();
      throw new BotError({
        code: 'demo-timed-out',
        message: `Waited ${Math.round(wait.timeoutMs / 1_000)} s for ${wait.what}.${seen === undefined ? '' : `\n${seen}`}`,
        hint: null,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
