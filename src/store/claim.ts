// Leases: which worker may carry which job, and until when.

import type { Cancel, Job } from '../core/job.ts';
import type { Store } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { Connection } from './connection.ts';
import { type JobRow, toJob } from './rows.ts';

type Claim = Parameters<Store['claim']>[0];

const DUE = `state IN ('queued', 'running', 'waiting') AND (@jobId IS NULL OR id = @jobId) AND (
  state = 'queued'
  OR (state = 'waiting' AND (woken OR wake_at <= @now))
  OR (state = 'running' AND (lease_until IS NULL OR lease_until <= @now OR owner IN (SELECT value FROM json_each(@dead)))))`;
const NEXT = `SELECT n FROM jobs WHERE ${DUE} ORDER BY created_at, n LIMIT 1`;

export function claim(db: Connection, { owner, now, leaseUntil, dead, jobId }: Claim): Job | null {
  const asked = { now, dead: JSON.stringify(dead), jobId: jobId ?? null };
  // A look first: when nothing is due, nobody's write lock is taken.
  if (db.first(NEXT, asked) === null) return null;
  return db.note(() => {
    const due = db.first<{ n: number }>(NEXT, asked);
    if (due === null) return null;
    db.run(`UPDATE jobs SET state = 'running', owner = @owner, lease_until = @leaseUntil, woken = 0, version = version + 1 WHERE n = @n`, {
      n: due.n,
      owner,
      leaseUntil,
    });
    const row = db.first<JobRow>('SELECT * FROM jobs WHERE n = @n', { n: due.n });
    return row === null ? null : toJob(row);
  });
}

const OURS = 'owner = @owner AND id IN (SELECT value FROM json_each(@ids))';

export function renew(
  db: Connection,
  { owner, leaseUntil, jobIds }: { readonly owner: string; readonly leaseUntil: Instant; readonly jobIds: readonly string[] },
): readonly string[] {
  const ids = JSON.stringify(jobIds);
  return db.note(() => {
    db.run(`UPDATE jobs SET lease_until = @leaseUntil WHERE ${OURS}`, { owner, leaseUntil, ids });
    return db.all<{ id: string }>(`SELECT id FROM jobs WHERE ${OURS} ORDER BY created_at, n`, { owner, ids }).map(({ id }) => id);
  });
}

/** Only the few that are to be stopped are read, however many are carried. */
export function cancels(db: Connection, owner: string): ReadonlyMap<string, Cancel> {
  const rows = db.all<JobRow>('SELECT * FROM jobs WHERE owner = @owner AND cancel IS NOT NULL', { owner }).map(toJob);
  return new Map(rows.flatMap(({ id, cancel }) => (cancel === null ? [] : [[id, cancel] as const])));
}

/** The jobs stay running, without owner: due at once. */
export function release(db: Connection, owner: string): void {
  db.note(() => db.run('UPDATE jobs SET owner = NULL, lease_until = NULL WHERE owner = @owner', { owner }));
}

export function owners(db: Connection): readonly string[] {
  return db.all<{ owner: string }>('SELECT DISTINCT owner FROM jobs WHERE owner IS NOT NULL ORDER BY owner').map(({ owner }) => owner);
}
