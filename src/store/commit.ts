// One commit: every guarded change and every event in one transaction, or nothing of it.

import { link } from '../core/chain.ts';
import type { NewEvent, StoredEvent } from '../core/event.ts';
import type { Change, Committed } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { applyChange, requestWithKey } from './changes.ts';
import type { Connection } from './connection.ts';
import type { Refused } from './refused.ts';
import { fromEvent } from './rows.ts';

export async function commit(db: Connection, changes: readonly Change[], events: readonly NewEvent[], at: Instant): Promise<Committed> {
  if (changes.length === 0 && events.length === 0) return { kind: 'committed', events: [] };
  return db.write(
    () => duplicate(db, changes) ?? refusal(db, changes) ?? { kind: 'committed', events: append(db, events, at) },
    (result: Committed) => result.kind === 'committed',
  );
}

/** Looked for first: who asks twice gets the first answer, not "locked" by their own first request. */
function duplicate(db: Connection, changes: readonly Change[]): Refused | null {
  for (const change of changes) {
    if (change.kind !== 'request.create') continue;
    const known = requestWithKey(db, change.request.dedupeKey);
    if (known !== null) return { kind: 'duplicate', request: known };
  }
  return null;
}

function refusal(db: Connection, changes: readonly Change[]): Refused | null {
  for (const change of changes) {
    const refused = applyChange(db, change);
    if (refused !== null) return refused;
  }
  return null;
}

function append(db: Connection, events: readonly NewEvent[], at: Instant): readonly StoredEvent[] {
  let previous = events.length === 0 ? null : db.first<{ seq: number; hash: string }>(HEAD);
  return events.map((event) => {
    const stored = link(previous, event, at);
    db.run(INSERT, fromEvent(stored));
    previous = stored;
    return stored;
  });
}

const HEAD = 'SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1';
const INSERT = `INSERT INTO events (seq, at, type, environment, request_id, job_id, actor, data, prev_hash, hash)
  VALUES (@seq, @at, @type, @environment, @requestId, @jobId, @actor, @data, @prevHash, @hash)`;
