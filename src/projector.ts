// Draws what is told: events after a cursor -> entries of an outbox, moved on together. Late is possible, wrong is not.

import type { ChartEntries } from './chart-entries.ts';
import { createBell } from './core/bell.ts';
import type { StoredEvent } from './core/event.ts';
import type { Json } from './core/json.ts';
import type { NewOutboxEntry, Outbox } from './core/mailbox.ts';
import type { Clock, Log } from './core/ports.ts';
import type { Store } from './core/store.ts';
import type { Posting } from './templates/message.ts';
import type { Site } from './templates/notices/notice.ts';
import { tellStory } from './templates/story.ts';

export interface Projector {
  /** Projects everything that happened since; answers how many events. */
  readonly catchUp: () => Promise<number>;
  /** Keeps catching up until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ProjectorOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly changed: () => boolean;
  /** Each kind of telling goes through the log at its own pace. */
  readonly cursor: 'slack' | 'notices';
  /** What one event puts into the outbox, given its story up to there. */
  readonly draw: (told: StoredEvent, story: readonly StoredEvent[]) => readonly NewOutboxEntry[];
  /** Events whose story need not even be read. */
  readonly skips?: (told: StoredEvent) => boolean;
  /** What is drawn beside the log, once everything in it is told. */
  readonly beside?: () => Promise<'nothing' | 'queued' | 'stale'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What comes behind the words, given the whole story. */
  readonly charts?: ChartEntries;
  readonly onQueued: () => void;
}

const BATCH = 200;
/** Writes come in bursts: one look for all of them. */
const SETTLE_MS = 20;
const LOOK_ANYWAY_MS = 1_000;

export function createProjector(options: ProjectorOptions): Projector {
  const { store, outbox, clock, log, cursor } = options;

  async function catchUp(): Promise<number> {
    let count = 0;
    for (;;) {
      const from = await outbox.cursor(cursor);
      const events = await store.eventsAfter(from, BATCH);
      const last = events.at(-1);
      if (last === undefined) return count;
      const entries = await entriesFor(events);
      // `stale`: another process has projected these meanwhile; look again from where it got to.
      if ((await outbox.enqueue(entries, { name: cursor, from, to: last.seq })) === 'queued') count += events.length;
      options.onQueued();
    }
  }

  async function entriesFor(events: readonly StoredEvent[]): Promise<readonly NewOutboxEntry[]> {
    const stories = new Map<string, readonly StoredEvent[]>();
    const entries: NewOutboxEntry[] = [];
    for (const told of events) {
      if (told.requestId === null || options.skips?.(told) === true) continue;
      const story = stories.get(told.requestId) ?? (await store.eventsOf(told.requestId));
      stories.set(told.requestId, story);
      const until = story.filter(({ seq }) => seq <= told.seq);
      entries.push(...options.draw(told, until));
      const chart = (await options.charts?.(told, story)) ?? null;
      if (chart !== null) entries.push(chart);
    }
    return entries;
  }

  return {
    catchUp,
    run: async (signal) => {
      let due = true;
      const bell = createBell(clock);
      const silence = store.onWrite(bell.ring);
      while (!signal.aborted) {
        try {
          if (options.changed() || due) {
            await catchUp();
            const drawn = (await options.beside?.()) ?? 'nothing';
            if (drawn === 'queued') options.onQueued();
            due = drawn === 'stale';
          }
        } catch (thrown) {
          due = true;
          log.error({ code: 'projection-failed', err: thrown }, 'The story could not be drawn; trying again.');
        }
        await bell.wait(LOOK_ANYWAY_MS, signal);
        await clock.sleep(SETTLE_MS, signal);
      }
      silence();
    },
  };
}

/** The story as Slack tells it: the card and its thread. `reports`: where people find them, with a slash at its end. */
export function slackEntries(site: Site, channel: string, reports: string | null = null): ProjectorOptions['draw'] {
  return (told, story) => tellStory(told, story, site, reports).map((posting) => entryFor(posting, channel));
}

function entryFor({ key, at, content, where }: Posting, channel: string): NewOutboxEntry {
  const drawn: unknown = content;
  // A Message is plain data: JSON by construction.
  return { key, channel, to: where, content: drawn as Json, at };
}
