// Shows a request's story as it happens, until its work has ended.

import type { Clock } from '../core/ports.ts';
import type { Request } from '../core/request.ts';
import type { StoreReader } from '../core/store.ts';
import { progressOf } from '../templates/progress.ts';
import type { Output } from './output.ts';

export interface FollowOptions {
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly output: Output;
  readonly requestId: string;
  /** Also the watch after it; false when a worker goes on with that. */
  readonly untilWatchEnds: boolean;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;

/** The request as it ended; null when the signal came first. */
export async function follow(options: FollowOptions): Promise<Request | null> {
  const { store, clock, output, requestId, signal } = options;
  let shown = 0;
  while (!signal.aborted) {
    const request = await store.request(requestId);
    // A ladder waits for people, not for this terminal.
    const open = (await store.jobs({ requestId, open: true })).filter(({ name }) => name !== 'escalation');
    shown = await showNews(options, shown);
    const over = request !== null && request.state !== 'open' && (open.length === 0 || !options.untilWatchEnds);
    if (over) {
      output.current(null);
      return request;
    }
    await clock.sleep(POLL_MS, signal);
  }
  output.current(null);
  return null;
}

async function showNews({ store, output, requestId }: FollowOptions, after: number): Promise<number> {
  const story = await store.eventsOf(requestId);
  for (const [at, told] of story.entries()) {
    if (told.seq <= after) continue;
    const { lines, current } = progressOf(told, story.slice(0, at + 1));
    for (const line of lines) output.line(line);
    if (current !== null) output.current(current);
  }
  return story.at(-1)?.seq ?? after;
}
