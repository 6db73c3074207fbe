// The queue of what is to be told in Slack: how entries get in, and how updates of one card become one.

import type { NewOutboxEntry, OutboxEntry } from '../core/mailbox.ts';
import type { Connection } from './connection.ts';
import { parse } from './rows.ts';
import * as shapes from './shapes.ts';

export interface EntryRow {
  readonly id: number;
  readonly place: number;
  readonly key: string;
  readonly channel: string;
  /** The request whose card this is; null for anything else. */
  readonly card: string | null;
  readonly destination: string;
  readonly content: string;
  readonly created_at: number;
  readonly state: string;
  readonly owner: string | null;
  readonly attempts: number;
  readonly not_before: number;
  readonly ts: string | null;
  readonly error: string | null;
}

export const WAITING_UPDATE =
  "SELECT * FROM outbox WHERE card = @card AND channel = @channel AND state = 'pending' ORDER BY id DESC LIMIT 1";

/** A key that is known is ignored, also the key of an update that went into an older entry. */
export function addEntry(db: Connection, entry: NewOutboxEntry): void {
  if (db.first('SELECT 1 FROM outbox_keys WHERE key = @key', { key: entry.key }) !== null) return;
  const card = entry.to.kind === 'card' ? entry.to.request : null;
  const content = JSON.stringify(entry.content);
  db.run('INSERT INTO outbox_keys (key) VALUES (@key)', { key: entry.key });
  const waiting = card === null ? null : waitingUpdate(db, card, entry.channel);
  if (waiting === null) insertEntry(db, entry, card, content);
  else db.run('UPDATE outbox SET content = @content WHERE id = @id', { id: waiting.id, content });
}

/**
 * An entry came back to pending, and a newer update of its card waits behind it: the older one, which stands where the thread needs it, gets the
 * newer content. So a card never has more than one pending update.
 */
export function foldNewerUpdate(db: Connection, entry: EntryRow): void {
  const newer = updateBehind(db, entry);
  if (newer === null) return;
  db.run('UPDATE outbox SET content = @content WHERE id = @id', { id: entry.id, content: newer.content });
  db.run('DELETE FROM outbox WHERE id = @id', { id: newer.id });
}

/** An entry was given up: the next update of its card stands in for it, so that the card still comes before its thread. */
export function promoteNewerUpdate(db: Connection, entry: EntryRow): void {
  const newer = updateBehind(db, entry);
  if (newer !== null) db.run('UPDATE outbox SET place = @place WHERE id = @id', { id: newer.id, place: entry.place });
}

export function toEntry(row: EntryRow): OutboxEntry {
  const where = `outbox ${row.id}`;
  return {
    id: row.id,
    key: row.key,
    channel: row.channel,
    to: parse(shapes.destination, row.destination, where),
    content: parse(shapes.json, row.content, where),
    createdAt: row.created_at,
    state: parse(shapes.entryState, JSON.stringify(row.state), where),
    owner: row.owner,
    attempts: row.attempts,
    notBefore: row.not_before,
    ts: row.ts,
    error: row.error,
  };
}

function updateBehind(db: Connection, { id, card, channel }: EntryRow): EntryRow | null {
  const waiting = card === null ? null : waitingUpdate(db, card, channel);
  return waiting === null || waiting.id === id ? null : waiting;
}

function waitingUpdate(db: Connection, card: string, channel: string): EntryRow | null {
  return db.first<EntryRow>(WAITING_UPDATE, { card, channel });
}

function insertEntry(db: Connection, entry: NewOutboxEntry, card: string | null, content: string): void {
  const { key, channel, to, at } = entry;
  db.run(
    `INSERT INTO outbox (place, key, channel, card, destination, content, created_at, state)
     VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'outbox'),
       @key, @channel, @card, @destination, @content, @at, 'pending')`,
    { key, channel, card, destination: JSON.stringify(to), content, at },
  );
}
