// What Slack handed over: kept until it is done, and its key long enough to know a redelivery.

import type { Inbox } from '../core/mailbox.ts';
import type { Instant } from '../core/time.ts';
import type { Connection } from './connection.ts';
import { parse } from './rows.ts';
import * as shapes from './shapes.ts';

/** Slack's last retry comes within hours; a key is kept for two days after it was done. */
const REMEMBERED_MS = 48 * 60 * 60 * 1_000;
/** Forgotten at most at one receive, so that none of them is slow. */
const FORGOTTEN_AT_ONCE = 20;

export function createInbox(db: Connection, now: () => Instant): Inbox {
  return {
    receive: async ({ key, at, payload }) =>
      db.write(() => {
        const added = db.run('INSERT INTO inbox (key, at, payload) VALUES (@key, @at, @payload) ON CONFLICT (key) DO NOTHING', {
          key,
          at,
          payload: JSON.stringify(payload),
        });
        if (added === 0) return 'seen';
        forgetOld(db, now() - REMEMBERED_MS);
        return 'new';
      }),
    pending: async (limit) =>
      db
        .all<InboxRow>('SELECT key, at, payload FROM inbox WHERE done_at IS NULL ORDER BY n LIMIT @limit', { limit })
        .map(({ key, at, payload }) => ({ key, at, payload: parse(shapes.json, payload, `inbox ${key}`) })),
    // The payload has served; it may hold a response URL, so it does not stay. Handed in again after a power cut it has no second effect.
    done: async (key) => {
      db.note(() => db.run(`UPDATE inbox SET done_at = @now, payload = 'null' WHERE key = @key AND done_at IS NULL`, { key, now: now() }));
    },
  };
}

interface InboxRow {
  readonly key: string;
  readonly at: number;
  readonly payload: string;
}

function forgetOld(db: Connection, before: Instant): void {
  db.run('DELETE FROM inbox WHERE n IN (SELECT n FROM inbox WHERE done_at < @before ORDER BY done_at LIMIT @limit)', {
    before,
    limit: FORGOTTEN_AT_ONCE,
  });
}
