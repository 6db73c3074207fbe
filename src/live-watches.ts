// Draws running watches into their cards, from the log and the samples beside it: every two minutes, and again whenever the log has drawn over it.

import type { Config } from './core/config.ts';
import type { Job } from './core/job.ts';
import type { Json } from './core/json.ts';
import type { NewOutboxEntry, Outbox } from './core/mailbox.ts';
import type { Clock } from './core/ports.ts';
import type { StoreReader } from './core/store.ts';
import { watchWindow } from './jobs/outputs.ts';
import { lastLook } from './jobs/steps/watch-saved.ts';
import type { LiveCards } from './live-cards.ts';
import { chartLimits } from './templates/chart.ts';
import { liveWatch } from './templates/live-watch.ts';

export interface LiveWatchesOptions {
  readonly store: Pick<StoreReader, 'jobs' | 'eventsOf' | 'newsOf' | 'samples'>;
  readonly outbox: Pick<Outbox, 'cursor' | 'enqueue'>;
  readonly config: Config;
  readonly clock: Pick<Clock, 'now'>;
  /** The projection's cursor: a card is drawn of nothing newer. */
  readonly cursor: string;
}

interface Drawn {
  readonly period: number;
  readonly seq: number;
}

/** A calm hour stays below sixty posts. */
const EVERY_MS = 120_000;
/** Reading what runs costs more than telling it two looks earlier is worth. */
const LOOK_EVERY_MS = 15_000;

export function createLiveWatches({ store, outbox, config, clock, cursor }: LiveWatchesOptions): LiveCards {
  /** By job: which two minutes were drawn last, and up to which event. */
  let drawn = new Map<string, Drawn>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function entryOf(job: Job, position: number, states: Map<string, Drawn>): Promise<readonly NewOutboxEntry[]> {
    const look = lastLook(job);
    const window = watchWindow.find(job);
    if (look === null || window === null) return [];
    const period = Math.floor((look.at - window.from) / EVERY_MS);
    const before = drawn.get(job.id);
    const isTold = before === undefined || (await store.newsOf(job.requestId, before.seq)).some(({ seq }) => seq <= position);
    if (before?.period === period && !isTold) {
      states.set(job.id, before);
      return [];
    }
    const story = (await store.eventsOf(job.requestId)).filter(({ seq }) => seq <= position);
    const seq = story.at(-1)?.seq ?? 0;
    states.set(job.id, { period, seq });
    const samples = await store.samples(job.id, window.from);
    const content: unknown = liveWatch(story, { ...look, jobId: job.id, samples, limits: chartLimits(config, job.environment) });
    if (content === null) return [];
    const key = `watch:${job.requestId}:${job.id}:${period}:${seq}`;
    // A Message is plain data: JSON by construction.
    return [{ key, channel: config.slack.channel, to: { kind: 'card', request: job.requestId }, content: content as Json, at: look.at }];
  }

  return {
    draw: async () => {
      const now = clock.now();
      if (now >= lookedAt && now - lookedAt < LOOK_EVERY_MS) return 'nothing';
      const position = await outbox.cursor(cursor);
      const watches = (await store.jobs({ open: true })).filter(({ name, state }) => name === 'monitor' && state === 'running');
      const states = new Map<string, Drawn>();
      const entries: NewOutboxEntry[] = [];
      for (const job of watches) entries.push(...(await entryOf(job, position, states)));
      const result = entries.length === 0 ? 'nothing' : await outbox.enqueue(entries, { name: cursor, from: position, to: position });
      if (result === 'stale') return result;
      [drawn, lookedAt] = [states, now];
      return result;
    },
  };
}
