// Delivery of the queue: one deliverer per channel at a time, strictly in order, whichever process it is.
//
// The right to deliver is the `sending` entry itself: while one stands in a channel, no other entry of it can be begun. It has an owner, not
// a lease: an owner that lives may still get Slack's answer, one that is dead (judged by the caller, by pid and start time) is taken over.

import { BotError } from '../core/error.ts';
import type { Outbox } from '../core/mailbox.ts';
import type { Connection, Values } from './connection.ts';
import { addEntry, type EntryRow, foldNewerUpdate, promoteNewerUpdate, toEntry } from './outbox-entries.ts';

/** The one partial index that delivery reads is over these. */
const UNSENT = `state IN ('pending', 'sending')`;

/** One queue, two kinds of channel: Slack's, and those of the notices, which have a colon in their name (`mail:ana@example.com`). Neither delivers the other's. */
const SCOPES = { slack: `instr(channel, ':') = 0`, notices: `instr(channel, ':') > 0` } as const;

/** How the notices stand by kind of channel: mail, teams, pagerduty. */
export interface NoticeDepth {
  readonly kind: string;
  readonly waiting: number;
  readonly failed: number;
  readonly oldestAt: number | null;
}

export function noticeDepths(db: Connection): readonly NoticeDepth[] {
  return db.all<NoticeDepth>(
    `SELECT substr(channel, 1, instr(channel, ':') - 1) AS kind, sum(state <> 'failed') AS waiting, sum(state = 'failed') AS failed,
       min(CASE WHEN state <> 'failed' THEN created_at END) AS oldestAt
     FROM (SELECT channel, state, created_at FROM outbox WHERE ${UNSENT} UNION ALL SELECT channel, state, created_at FROM outbox WHERE state = 'failed')
     WHERE ${SCOPES.notices} GROUP BY kind ORDER BY kind`,
  );
}

export function createOutbox(db: Connection, scope: keyof typeof SCOPES = 'slack'): Outbox {
  const mine = SCOPES[scope];
  return {
    enqueue: async (entries, cursor) => {
      if (entries.length === 0 && cursor === null) return 'queued';
      return db.note(() => {
        if (cursor !== null && !moveCursor(db, cursor)) return 'stale';
        for (const entry of entries) addEntry(db, entry);
        return 'queued';
      });
    },
    cursor: async (name) => cursorAt(db, name),
    channels: async () =>
      db
        .all<{ channel: string }>(`SELECT DISTINCT channel FROM outbox WHERE ${UNSENT} AND ${mine} ORDER BY channel`)
        .map(({ channel }) => channel),
    head: async (channel) => {
      const row = db.first<EntryRow>(
        `SELECT * FROM outbox WHERE channel = @channel AND ${UNSENT} ORDER BY state = 'sending' DESC, place, id LIMIT 1`,
        { channel },
      );
      return row === null ? null : toEntry(row);
    },
    // This and `ambiguous` are on the disk before Slack is told more: after them something may be out. What else a power cut takes is found out again.
    begin: async (id, owner, now, from) => db.write(() => begin(db, id, owner, now) || takeOver(db, id, owner, now, from ?? null)),
    sent: async (id, ts) => {
      db.note(() => {
        const entry = find(db, id);
        if (entry.state === 'sent') return;
        move(db, entry, ['sending'], `state = 'sent', owner = NULL, ts = @ts, error = NULL, content = 'null'`, { ts });
        if (entry.card !== null && ts !== null) rememberCard(db, entry.card, entry.channel, ts);
      });
    },
    retry: async (id, notBefore, error) => {
      db.note(() => {
        const entry = find(db, id);
        const set = `state = 'pending', owner = NULL, not_before = @notBefore, error = @error`;
        move(db, entry, ['pending', 'sending'], set, { notBefore, error });
        foldNewerUpdate(db, entry);
      });
    },
    ambiguous: async (id, notBefore, error) => {
      await db.write(() => move(db, find(db, id), ['sending'], 'not_before = @notBefore, error = @error', { notBefore, error }));
    },
    fail: async (id, error) => {
      db.note(() => {
        const entry = find(db, id);
        move(db, entry, ['pending', 'sending'], `state = 'failed', owner = NULL, error = @error`, { error });
        promoteNewerUpdate(db, entry);
      });
    },
    card: async (request) =>
      db.first<{ channel: string; ts: string }>('SELECT channel, ts FROM cards WHERE request = @request', { request }),
    depth: async () => {
      const waiting = db.first<{ waiting: number; oldestAt: number | null }>(
        `SELECT count(*) AS waiting, min(created_at) AS oldestAt FROM outbox WHERE ${UNSENT} AND ${mine}`,
      );
      const failed = db.first<{ failed: number }>(`SELECT count(*) AS failed FROM outbox WHERE state = 'failed' AND ${mine}`);
      return { waiting: waiting?.waiting ?? 0, failed: failed?.failed ?? 0, oldestAt: waiting?.oldestAt ?? null };
    },
  };
}

function moveCursor(db: Connection, { name, from, to }: { readonly name: string; readonly from: number; readonly to: number }): boolean {
  if (cursorAt(db, name) !== from) return false;
  if (to !== from) {
    db.run(
      `INSERT INTO cursors (name, position) VALUES (@name, @to)
       ON CONFLICT (name) DO UPDATE SET position = excluded.position`,
      { name, to },
    );
  }
  return true;
}

/** 0 before it was first moved. */
function cursorAt(db: Connection, name: string): number {
  return db.first<{ position: number }>('SELECT position FROM cursors WHERE name = @name', { name })?.position ?? 0;
}

function begin(db: Connection, id: number, owner: string, now: number): boolean {
  const begun = db.run(
    `UPDATE outbox AS entry SET state = 'sending', owner = @owner, attempts = attempts + 1
     WHERE id = @id AND state = 'pending' AND not_before <= @now AND NOT EXISTS (
       SELECT 1 FROM outbox AS other WHERE other.channel = entry.channel AND other.state IN ('pending', 'sending') AND other.id <> entry.id
         AND (other.state = 'sending' OR other.place < entry.place))`,
    { id, owner, now },
  );
  return begun === 1;
}

function takeOver(db: Connection, id: number, owner: string, now: number, from: string | null): boolean {
  const taken = db.run(`UPDATE outbox SET owner = @owner WHERE id = @id AND state = 'sending' AND not_before <= @now AND owner = @from`, {
    id,
    owner,
    now,
    from,
  });
  return taken === 1;
}

function rememberCard(db: Connection, request: string, channel: string, ts: string): void {
  db.run(
    `INSERT INTO cards (request, channel, ts) VALUES (@request, @channel, @ts)
     ON CONFLICT (request) DO UPDATE SET channel = excluded.channel, ts = excluded.ts`,
    { request, channel, ts },
  );
}

function find(db: Connection, id: number): EntryRow {
  const row = db.first<EntryRow>('SELECT * FROM outbox WHERE id = @id', { id });
  if (row === null) throw outOfTurn(id, 'not there');
  return row;
}

function move(db: Connection, { id, state }: EntryRow, from: readonly string[], set: string, values: Values): void {
  if (!from.includes(state)) throw outOfTurn(id, state);
  db.run(`UPDATE outbox SET ${set} WHERE id = @id`, { ...values, id });
}

/** Only a deliverer that did not `begin`, or lost its entry to another one, gets here. */
function outOfTurn(id: number, state: string): BotError {
  return new BotError({
    code: 'outbox-out-of-turn',
    message: `outbox entry ${id} is ${state}: its end was told by a process that does not deliver it`,
    hint: 'Read the head of the channel again and go on from there.',
  });
}
