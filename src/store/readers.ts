// Questions to the store. None of them writes or locks.

import type { z } from 'zod';
import type { StoreReader } from '../core/store.ts';
import type { Connection, Values } from './connection.ts';
import { createGlanceReader } from './glance-readers.ts';
import { type BodyRow, type DeploymentRow, type EventRow, type JobRow, parse, toDeployment, toEvent, toJob } from './rows.ts';
import * as shapes from './shapes.ts';

/** SQLite's word for "all of them". */
const NO_LIMIT = -1;

export function createReader(db: Connection): StoreReader {
  function bodies<T>(shape: z.ZodType<T>, table: string, rest: string, values: Values): readonly T[] {
    return db.all<BodyRow>(`SELECT body FROM ${table} ${rest}`, values).map(({ body }) => parse(shape, body, table));
  }

  function events(rest: string, values: Values) {
    return db.all<EventRow>(`SELECT * FROM events ${rest}`, values).map(toEvent);
  }

  return {
    ...createGlanceReader(db),
    request: async (id) => bodies(shapes.request, 'requests', 'WHERE id = @id', { id })[0] ?? null,
    requests: async ({ environment, state, limit }) => {
      const where = whereAll([environment !== undefined && 'environment = @environment', state !== undefined && 'state = @state']);
      const values = { environment: environment ?? null, state: state ?? null, limit: limit ?? NO_LIMIT };
      return bodies(shapes.request, 'requests', `${where} ORDER BY at DESC, n DESC LIMIT @limit`, values);
    },
    job: async (id) => {
      const row = db.first<JobRow>('SELECT * FROM jobs WHERE id = @id', { id });
      return row === null ? null : toJob(row);
    },
    jobs: async (filter) => {
      const { environment, requestId, limit } = filter;
      const values = { environment: environment ?? null, requestId: requestId ?? null, limit: limit ?? NO_LIMIT };
      return db.all<JobRow>(jobsQuery(filter), values).map(toJob);
    },
    lock: async (environment) => bodies(shapes.lock, 'locks', 'WHERE environment = @environment', { environment })[0] ?? null,
    liveDeployment: async (environment) => {
      const live = 'SELECT * FROM deployments WHERE environment = @environment AND superseded_at IS NULL';
      const row = db.first<DeploymentRow>(live, { environment });
      return row === null ? null : toDeployment(row);
    },
    deployments: async (environment, limit) => {
      const newest = 'SELECT * FROM deployments WHERE environment = @environment ORDER BY live_at DESC, n DESC LIMIT @limit';
      return db.all<DeploymentRow>(newest, { environment, limit }).map(toDeployment);
    },
    backups: async (environment) =>
      bodies(shapes.backup, 'backups', 'WHERE environment = @environment ORDER BY created_at DESC, file DESC', { environment }),
    backup: async (environment, file) =>
      bodies(shapes.backup, 'backups', 'WHERE environment = @environment AND file = @file', { environment, file })[0] ?? null,
    samples: async (jobId, since) =>
      bodies(shapes.sample, 'samples', 'WHERE job_id = @jobId AND at >= @since ORDER BY at', { jobId, since }),
    eventsAfter: async (seq, limit) => events('WHERE seq > @seq ORDER BY seq LIMIT @limit', { seq, limit }),
    eventsOf: async (requestId, types) => {
      if (types === undefined) return events('WHERE request_id = @requestId ORDER BY seq', { requestId });
      const these = 'WHERE request_id = @requestId AND type IN (SELECT value FROM json_each(@types)) ORDER BY seq';
      return events(these, { requestId, types: JSON.stringify(types) });
    },
    newsOf: async (requestId, seq) => events('WHERE request_id = @requestId AND seq > @seq ORDER BY seq', { requestId, seq }),
    head: async () => events('ORDER BY seq DESC LIMIT 1', {})[0] ?? null,
  };
}

/** Told which index to take, because without statistics SQLite would walk the whole history of an environment for the few jobs that are open. */
export function jobsQuery({ environment, requestId, open }: Parameters<StoreReader['jobs']>[0]): string {
  const where = whereAll([
    environment !== undefined && 'environment = @environment',
    requestId !== undefined && 'request_id = @requestId',
    open !== undefined && `state ${open ? 'IN' : 'NOT IN'} ('queued', 'running', 'waiting')`,
  ]);
  const hint = open === true && environment !== undefined && requestId === undefined ? 'INDEXED BY jobs_open_in' : '';
  return `SELECT * FROM jobs ${hint} ${where} ORDER BY created_at DESC, n DESC LIMIT @limit`;
}

function whereAll(conditions: readonly (string | false)[]): string {
  const asked = conditions.filter((condition) => condition !== false);
  return asked.length === 0 ? '' : `WHERE ${asked.join(' AND ')}`;
}
