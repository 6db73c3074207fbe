// What a commit may do to a job: the worker's own save, and what others may ask of it.

import type { Cancel, Job } from '../core/job.ts';
import type { Instant } from '../core/time.ts';
import type { Connection } from './connection.ts';
import type { Refused } from './refused.ts';
import { fromJob } from './rows.ts';

export function createJob(db: Connection, job: Job): Refused | null {
  const made = db.run(
    `INSERT INTO jobs (id, request_id, environment, state, owner, lease_until, wake_at, cancel, created_at, version, body)
     VALUES (@id, @requestId, @environment, @state, @owner, @leaseUntil, @wakeAt, @cancel, @createdAt, @version, @body)
     ON CONFLICT (id) DO NOTHING`,
    fromJob(job),
  );
  return made === 1 ? null : { kind: 'stale', what: `job ${job.id}` };
}

/** `cancel` and the lease belong to others while the job runs; a job that does not run has no lease. */
export function updateJob(db: Connection, job: Job, by: string): Refused | null {
  const updated = db.run(
    `UPDATE jobs SET state = @state, wake_at = @wakeAt, version = @version, body = @body,
       owner = CASE WHEN @state = 'running' THEN owner END,
       lease_until = CASE WHEN @state = 'running' THEN lease_until END
     WHERE id = @id AND version = @version - 1 AND owner = @by`,
    { ...fromJob(job), by },
  );
  return updated === 1 ? null : { kind: 'stale', what: `job ${job.id}` };
}

/** A running job may be about to wait for the very thing that just happened, so it remembers that it was woken. */
export function wakeJob(db: Connection, id: string, at: Instant): null {
  db.run(`UPDATE jobs SET ${WOKEN} WHERE id = @id AND state IN ('running', 'waiting')`, { id, at });
  return null;
}

/** Stale where there is nothing to stop, or it is being stopped already: of two who stop it at once, one did. */
export function cancelJob(db: Connection, id: string, cancel: Cancel, at: Instant): Refused | null {
  const asked = db.run(
    `UPDATE jobs SET cancel = @cancel, ${WOKEN}
     WHERE id = @id AND state IN ('queued', 'running', 'waiting') AND (cancel IS NULL OR (@force AND NOT cancel ->> 'force'))`,
    { id, at, cancel: JSON.stringify(cancel), force: cancel.force ? 1 : 0 },
  );
  return asked === 1 ? null : { kind: 'stale', what: `job ${id}` };
}

const WOKEN = `woken = 1, wake_at = CASE WHEN state = 'waiting' THEN min(coalesce(wake_at, @at), @at) ELSE wake_at END`;
