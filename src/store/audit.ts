// The audit trail as a whole: is the chain unbroken, and the lines of it for keeping elsewhere.

import { firstBroken } from '../core/chain.ts';
import { BotError } from '../core/error.ts';
import type { StoredEvent } from '../core/event.ts';
import type { Connection } from './connection.ts';
import { type EventRow, toEvent } from './rows.ts';

export interface ChainReport {
  /** Events that were looked at and fit. */
  readonly count: number;
  /** The last event that fits: noted somewhere else, it proves later that nothing was cut off the end. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
  readonly broken: { readonly seq: number; readonly why: string } | null;
}

export interface Audit {
  /** Reads the whole log in batches; lets other work of this process go on between them. */
  readonly verifyChain: () => Promise<ChainReport>;
  /** One line of JSON an event, oldest first, without the newline. Throws BotError `row-unreadable`. */
  readonly exportEvents: () => IterableIterator<string>;
}

const BATCH = 250;

export function createAudit(db: Connection): Audit {
  return {
    verifyChain: async () => {
      let head: ChainReport['head'] = null;
      let count = 0;
      for (const rows of batches(db)) {
        const { events, unreadable } = readable(rows);
        const broken = firstBroken(events, head);
        const fit =
          broken === null
            ? events
            : events.slice(
                0,
                events.findIndex(({ seq }) => seq === broken.seq),
              );
        const last = fit.at(-1);
        if (last !== undefined) head = { seq: last.seq, hash: last.hash };
        count += fit.length;
        if (broken !== null || unreadable !== null) return { count, head, broken: broken ?? unreadable };
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { count, head, broken: null };
    },
    exportEvents: function* () {
      for (const rows of batches(db)) for (const row of rows) yield JSON.stringify(toEvent(row));
    },
  };
}

/** Each batch is a read of its own: a long one would keep the log file from being folded into the database. */
function* batches(db: Connection): Generator<readonly EventRow[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = db.all<EventRow>('SELECT * FROM events WHERE seq > @after ORDER BY seq LIMIT @batch', { after, batch: BATCH });
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.seq;
  }
}

/** The events up to the first row that is not one any more. */
function readable(rows: readonly EventRow[]): { readonly events: readonly StoredEvent[]; readonly unreadable: ChainReport['broken'] } {
  const events: StoredEvent[] = [];
  for (const row of rows) {
    try {
      events.push(toEvent(row));
    } catch (thrown) {
      if (!(thrown instanceof BotError)) throw thrown;
      return { events, unreadable: { seq: row.seq, why: thrown.message } };
    }
  }
  return { events, unreadable: null };
}
