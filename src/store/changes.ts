// Each kind of change as guarded SQL. Runs inside one transaction; the first guard that fails names why the whole commit is refused.

import type { Deployment } from '../core/deployment.ts';
import type { Lock } from '../core/lock.ts';
import type { Request } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import type { Connection } from './connection.ts';
import { cancelJob, createJob, updateJob, wakeJob } from './job-changes.ts';
import type { Refused } from './refused.ts';
import { type BodyRow, parse } from './rows.ts';
import * as shapes from './shapes.ts';
import { thin } from './thin.ts';

/** null = done. */
export function applyChange(db: Connection, change: Change): Refused | null {
  switch (change.kind) {
    case 'request.create':
      return createRequest(db, change.request);
    case 'request.update':
      return updateRequest(db, change.request);
    case 'job.create':
      return createJob(db, change.job);
    case 'job.update':
      return updateJob(db, change.job, change.owner);
    case 'job.wake':
      return wakeJob(db, change.jobId, change.at);
    case 'job.cancel':
      return cancelJob(db, change.jobId, change.cancel, change.at);
    case 'lock.take':
      return takeLock(db, change.lock);
    case 'lock.release':
      return releaseLock(db, change.environment, change.holder);
    case 'lock.seize':
      return seizeLock(db, change.lock, change.from);
    case 'deployment.live':
      return goLive(db, change.deployment);
    case 'deployment.repin':
      return repin(db, change);
    case 'backup.save':
      return saveBody(db, SAVE_BACKUP, change.backup);
    case 'backup.forget':
      return forgetBackup(db, change.environment, change.file);
    case 'sample.add':
      return saveBody(db, ADD_SAMPLE, change.sample);
    case 'sample.thin':
      return thin(db, change);
  }
}

/** The request that was made with this key, when there is one: asked before any other guard, because it answers the question. */
export function requestWithKey(db: Connection, dedupeKey: string): Request | null {
  const row = db.first<BodyRow>('SELECT body FROM requests WHERE dedupe_key = @dedupeKey', { dedupeKey });
  return row === null ? null : parse(shapes.request, row.body, `requests with key ${dedupeKey}`);
}

function createRequest(db: Connection, request: Request): Refused | null {
  const made = db.run(
    `INSERT INTO requests (id, dedupe_key, environment, state, at, version, body)
     VALUES (@id, @dedupeKey, @environment, @state, @at, @version, @body) ON CONFLICT (id) DO NOTHING`,
    requestValues(request),
  );
  return made === 1 ? null : { kind: 'stale', what: `request ${request.id}` };
}

function updateRequest(db: Connection, request: Request): Refused | null {
  const updated = db.run(
    'UPDATE requests SET state = @state, version = @version, body = @body WHERE id = @id AND version = @version - 1',
    requestValues(request),
  );
  return updated === 1 ? null : { kind: 'stale', what: `request ${request.id}` };
}

function requestValues(request: Request) {
  const { id, dedupeKey, environment, state, at, version } = request;
  return { id, dedupeKey, environment, state, at, version, body: JSON.stringify(request) };
}

function takeLock(db: Connection, lock: Lock): Refused | null {
  const held = lockOf(db, lock.environment);
  if (held === null) return putLock(db, lock);
  // Taken again by its holder: it has been held since the first time.
  return held.holder === lock.holder ? putLock(db, { ...lock, since: held.since }) : { kind: 'locked', lock: held };
}

/** Exactly from whom the caller saw: the event beside it names them. */
function seizeLock(db: Connection, lock: Lock, from: string | null): Refused | null {
  const holder = lockOf(db, lock.environment)?.holder ?? null;
  return holder === from || holder === lock.holder ? putLock(db, lock) : { kind: 'stale', what: `lock ${lock.environment}` };
}

function lockOf(db: Connection, environment: string): Lock | null {
  const row = db.first<BodyRow>('SELECT body FROM locks WHERE environment = @environment', { environment });
  return row === null ? null : parse(shapes.lock, row.body, `locks ${environment}`);
}

function putLock(db: Connection, lock: Lock): null {
  db.run(
    `INSERT INTO locks (environment, holder, body) VALUES (@environment, @holder, @body)
     ON CONFLICT (environment) DO UPDATE SET holder = excluded.holder, body = excluded.body`,
    { environment: lock.environment, holder: lock.holder, body: JSON.stringify(lock) },
  );
  return null;
}

function releaseLock(db: Connection, environment: string, holder: string): null {
  db.run('DELETE FROM locks WHERE environment = @environment AND holder = @holder', { environment, holder });
  return null;
}

function goLive(db: Connection, deployment: Deployment): null {
  const { id, environment, liveAt, supersededAt } = deployment;
  if (supersededAt === null) {
    db.run('UPDATE deployments SET superseded_at = @liveAt WHERE environment = @environment AND superseded_at IS NULL AND id <> @id', {
      id,
      environment,
      liveAt,
    });
  }
  db.run(
    `INSERT INTO deployments (id, environment, live_at, superseded_at, body) VALUES (@id, @environment, @liveAt, @supersededAt, @body)
     ON CONFLICT (id) DO UPDATE SET live_at = excluded.live_at, superseded_at = excluded.superseded_at, body = excluded.body`,
    { id, environment, liveAt, supersededAt, body: JSON.stringify(deployment) },
  );
  return null;
}

function repin(db: Connection, { deploymentId, backup, tag }: Extract<Change, { kind: 'deployment.repin' }>): Refused | null {
  const updated = db.run(
    `UPDATE deployments SET body = json_set(body, '$.rollbackBackup', @backup, '$.rollbackTag', @tag)
     WHERE id = @deploymentId AND superseded_at IS NULL`,
    { deploymentId, backup, tag },
  );
  return updated === 1 ? null : { kind: 'stale', what: `deployment ${deploymentId}` };
}

const SAVE_BACKUP = `INSERT INTO backups (environment, file, created_at, body)
  VALUES (@body ->> 'environment', @body ->> 'file', @body ->> 'createdAt', @body)
  ON CONFLICT (environment, file) DO UPDATE SET created_at = excluded.created_at, body = excluded.body`;

const ADD_SAMPLE = `INSERT INTO samples (job_id, at, body) VALUES (@body ->> 'jobId', @body ->> 'at', @body)
  ON CONFLICT (job_id, at) DO UPDATE SET body = excluded.body`;

function saveBody(db: Connection, text: string, record: object): null {
  db.run(text, { body: JSON.stringify(record) });
  return null;
}

function forgetBackup(db: Connection, environment: string, file: string): null {
  db.run('DELETE FROM backups WHERE environment = @environment AND file = @file', { environment, file });
  return null;
}
