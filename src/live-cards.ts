// Draws what running steps print into their cards, from the log and the one row beside it. What the log tells always wins: it is drawn first.

import type { Json } from './core/json.ts';
import type { NewOutboxEntry, Outbox } from './core/mailbox.ts';
import type { StoreReader } from './core/store.ts';
import type { Instant } from './core/time.ts';
import { liveCard } from './templates/live-card.ts';

export interface LiveCards {
  /** Queues the cards that changed since the last time. `stale` = somebody has projected more of the log meanwhile: the next look draws them. */
  readonly draw: () => Promise<'nothing' | 'queued' | 'stale'>;
}

/** Several of them as one: whatever the one finds, the others are drawn as well. */
export function together(drawers: readonly LiveCards[]): LiveCards['draw'] {
  return async () => {
    const found: Awaited<ReturnType<LiveCards['draw']>>[] = [];
    for (const { draw } of drawers) found.push(await draw());
    return found.find((one) => one === 'stale') ?? found.find((one) => one === 'queued') ?? 'nothing';
  };
}

export interface LiveCardsOptions {
  readonly store: Pick<StoreReader, 'progress' | 'eventsOf'>;
  readonly outbox: Pick<Outbox, 'cursor' | 'enqueue'>;
  readonly channel: string;
  /** The projection's cursor: a card is drawn of nothing newer. */
  readonly cursor: string;
}

export function createLiveCards({ store, outbox, channel, cursor }: LiveCardsOptions): LiveCards {
  let drawn = new Map<string, Instant>();

  return {
    draw: async () => {
      const rows = await store.progress();
      const news = rows.filter(({ jobId, at }) => drawn.get(jobId) !== at);
      const now = new Map(rows.map(({ jobId, at }) => [jobId, at]));
      if (news.length === 0) {
        drawn = now;
        return 'nothing';
      }
      const position = await outbox.cursor(cursor);
      const entries: NewOutboxEntry[] = [];
      for (const row of news) {
        const story = (await store.eventsOf(row.requestId)).filter(({ seq }) => seq <= position);
        const content = liveCard(story, row);
        if (content === null) continue;
        const plain: unknown = content;
        const key = `live:${row.requestId}:${row.jobId}:${row.at}`;
        // A Message is plain data: JSON by construction.
        entries.push({ key, channel, to: { kind: 'card', request: row.requestId }, content: plain as Json, at: row.at });
      }
      const result = await outbox.enqueue(entries, { name: cursor, from: position, to: position });
      if (result === 'queued') drawn = now;
      return result;
    },
  };
}
