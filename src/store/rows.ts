// Rows and records: how a record is written down, and how it is checked when it is read again.

import type { z } from 'zod';
import type { Deployment } from '../core/deployment.ts';
import { BotError } from '../core/error.ts';
import type { NewEvent, StoredEvent } from '../core/event.ts';
import type { Job } from '../core/job.ts';
import type { Values } from './connection.ts';
import * as shapes from './shapes.ts';

export interface BodyRow {
  readonly body: string;
}

/** Selected as `SELECT *`: the columns here win over the body. */
export interface JobRow extends BodyRow {
  readonly state: string;
  readonly owner: string | null;
  readonly lease_until: number | null;
  readonly wake_at: number | null;
  readonly cancel: string | null;
  readonly version: number;
}

export interface DeploymentRow extends BodyRow {
  readonly superseded_at: number | null;
}

export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly environment: string | null;
  readonly request_id: string | null;
  readonly job_id: string | null;
  readonly actor: string | null;
  readonly data: string;
  readonly prev_hash: string;
  readonly hash: string;
}

/** The text of a JSON column as a checked value; throws BotError `row-unreadable`. */
export function parse<T>(shape: z.ZodType<T>, text: string, where: string): T {
  return check(shape, parseText(text, where), where);
}

export function toJob(row: JobRow): Job {
  const body = parse(shapes.jsonObject, row.body, 'jobs');
  const where = `jobs ${String(body['id'])}`;
  const cancel = row.cancel === null ? null : parseText(row.cancel, where);
  const { state, owner, lease_until: leaseUntil, wake_at: wakeAt, version } = row;
  return check(shapes.job, { ...body, state, owner, leaseUntil, wakeAt, cancel, version }, where);
}

export function fromJob(job: Job): Values {
  const { state, owner, leaseUntil, wakeAt, cancel, version, ...body } = job;
  // Only a running job is anybody's.
  const running = state === 'running';
  return {
    id: job.id,
    requestId: job.requestId,
    environment: job.environment,
    state,
    owner: running ? owner : null,
    leaseUntil: running ? leaseUntil : null,
    wakeAt,
    cancel: cancel === null ? null : JSON.stringify(cancel),
    createdAt: job.createdAt,
    version,
    body: JSON.stringify(body),
  };
}

export function toDeployment(row: DeploymentRow): Deployment {
  return { ...parse(shapes.deployment, row.body, 'deployments'), supersededAt: row.superseded_at };
}

export function toEvent(row: EventRow): StoredEvent {
  const where = `events ${row.seq}`;
  const event = {
    seq: row.seq,
    at: row.at,
    type: row.type,
    environment: row.environment,
    requestId: row.request_id,
    jobId: row.job_id,
    actor: row.actor === null ? null : parse(shapes.actor, row.actor, where),
    data: parse(shapes.jsonObject, row.data, where),
    prevHash: row.prev_hash,
    hash: row.hash,
  };
  // Name and data were paired by the compiler when they were written, and the hash shows whether they still are what was written.
  return event as StoredEvent;
}

export function fromEvent(event: StoredEvent): Values {
  const { seq, at, type, environment, requestId, jobId, prevHash, hash }: StoredEvent = event;
  return {
    seq,
    at,
    type,
    environment,
    requestId,
    jobId,
    actor: event.actor === null ? null : JSON.stringify(event.actor),
    data: JSON.stringify(event.data satisfies NewEvent['data']),
    prevHash,
    hash,
  };
}

function parseText(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(where, 'not JSON', cause);
  }
}

function check<T>(shape: z.ZodType<T>, value: unknown, where: string): T {
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw unreadable(where, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected'}`, checked.error);
}

function unreadable(where: string, why: string, cause: unknown): BotError {
  return new BotError({
    code: 'row-unreadable',
    message: `the database row ${where} cannot be read: ${why}`,
    hint: 'Something other than this program has written it. Look at it with sqlite3, or restore a copy of the database.',
    cause,
  });
}
