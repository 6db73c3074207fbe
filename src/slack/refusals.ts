// The log of what was turned away. Whoever sends nonsense decides how often, so not how much is written: the first of a kind at once, then one line a minute.

import type { Clock, Log } from '../core/ports.ts';

export interface Refusals {
  readonly add: (facts: { readonly reason: string; readonly detail: string; readonly status: number }) => void;
  /** Tells what was counted, and waits for nothing any more. */
  readonly close: () => void;
}

const EVERY_MS = 60_000;

export function createRefusals({ clock, log }: { readonly clock: Pick<Clock, 'sleep'>; readonly log: Pick<Log, 'warn'> }): Refusals {
  const closing = new AbortController();
  /** By reason, since the last line about it; empty = nothing was refused within a minute. */
  const counts = new Map<string, number>();

  return {
    add: ({ reason, detail, status }) => {
      const before = counts.get(reason);
      counts.set(reason, (before ?? -1) + 1);
      if (before !== undefined) return;
      log.warn({ code: 'request-refused', reason, detail, status }, 'A request to the Slack endpoint was refused and had no effect.');
      void clock.sleep(EVERY_MS, closing.signal).then(() => tell(reason));
    },
    close: () => closing.abort('closed'),
  };

  function tell(reason: string): void {
    const more = counts.get(reason) ?? 0;
    counts.delete(reason);
    if (more > 0)
      log.warn(
        { code: 'requests-refused', reason, more, withinMs: EVERY_MS },
        'More requests of that kind were refused and had no effect.',
      );
  }
}
