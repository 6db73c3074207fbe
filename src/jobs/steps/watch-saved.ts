// What a watch keeps between two looks, and when the next one is due. All of it survives a restart.

import { newWatch, type WatchState, withDefaults } from '../../checks/breach.ts';
import type { Scrape } from '../../checks/scrape.ts';
import type { Measure } from '../../core/event.ts';
import type { Job, StepContext } from '../../core/job.ts';
import type { GateFacts, SmokeFacts } from '../../core/sample.ts';
import type { DurationMs, Instant } from '../../core/time.ts';
import { monitorInput } from '../inputs.ts';
import { watchWindow } from '../outputs.ts';

/** Saved with every look. */
export interface Saved {
  readonly state: WatchState;
  readonly scrape: Scrape | null;
  readonly measures: readonly Measure[];
  /** Offsets of the summaries that were told. */
  readonly told: readonly number[];
  /** When the last look was made. */
  readonly lookedAt: Instant | null;
  /** The newest golden check and smoke tests. */
  readonly facts: Facts;
  /** Who has reported a problem, and up to which event that was read. */
  readonly reporters: readonly string[];
  readonly read: number;
}

export interface Facts {
  readonly gates: GateFacts | null;
  readonly smoke: SmokeFacts | null;
}

/** From the checkpoint; one of an older version goes on with what it has. */
export function restore({ job }: Pick<StepContext, 'job'>): Saved {
  const { tag } = watchWindow.need(job);
  const fresh: Saved = {
    state: newWatch(tag, monitorInput(job).before),
    scrape: null,
    measures: [],
    told: [],
    lookedAt: null,
    facts: { gates: null, smoke: null },
    reporters: [],
    read: 0,
  };
  const { checkpoint } = job;
  if (typeof checkpoint !== 'object' || checkpoint === null || !('state' in checkpoint)) return fresh;
  // Written by a watch, this one or an older one, which had fewer fields.
  const kept: unknown = checkpoint;
  const saved = kept as Partial<Saved> & Pick<Saved, 'state'>;
  return { ...fresh, ...saved, state: withDefaults({ ...saved.state, before: saved.state.before ?? fresh.state.before, tag }) };
}

/** What the newest look of a watch that goes on measured; null = none was made yet. */
export function lastLook({ checkpoint, direction }: Job): (Pick<Saved, 'measures'> & { readonly at: Instant }) | null {
  if (direction === 'back' || typeof checkpoint !== 'object' || checkpoint === null || !('lookedAt' in checkpoint)) return null;
  // Written by a watch.
  const kept: unknown = checkpoint;
  const { lookedAt, measures } = kept as Saved;
  return lookedAt === null ? null : { at: lookedAt, measures };
}

/**
 * Looks stand on a fixed grid from the start of the watch, the last one at its end; one that was made is not made again, and one that was missed
 * is not made up for. null = the last one was made.
 */
export function nextLook(
  window: { readonly from: Instant; readonly until: Instant },
  interval: DurationMs,
  lookedAt: Instant | null,
  now: Instant,
): Instant | null {
  const { from, until } = window;
  if (lookedAt !== null && lookedAt >= until) return null;
  // Also when the clock was set back: the look that seems to come from the future says nothing about now.
  if (lookedAt === null || lookedAt > now || now >= until) return now;
  return Math.min(until, from + (Math.floor((lookedAt - from) / interval) + 1) * interval);
}
