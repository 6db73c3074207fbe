// The JSON inside rows, checked when it is read. Unknown keys are kept: only what the program relies on is asked for.

import { z } from 'zod';
import type { Actor } from '../core/actor.ts';
import type { Backup } from '../core/backup.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Cancel, Job } from '../core/job.ts';
import type { Json } from '../core/json.ts';
import type { Lock } from '../core/lock.ts';
import type { Destination, OutboxEntry } from '../core/mailbox.ts';
import type { Request } from '../core/request.ts';
import type { Sample } from '../core/sample.ts';

/** Every value that JSON.parse gives is one; only a missing key is not. */
export const json = z.custom<Json>((value) => value !== undefined);
export const jsonObject = z.custom<{ readonly [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const instant = z.number();
const text = z.string().nullable();
const number = z.number().nullable();

export const actor: z.ZodType<Actor> = z.looseObject({
  surface: z.enum(['slack', 'shell', 'schedule']),
  id: z.string(),
  name: z.string(),
});

export const request: z.ZodType<Request> = z.looseObject({
  id: z.string(),
  kind: z.enum(['deploy', 'rollback', 'backup', 'smoke', 'monitor']),
  environment: z.string(),
  tag: text,
  by: actor,
  at: instant,
  state: z.enum(['open', 'succeeded', 'failed', 'rejected', 'expired', 'canceled']),
  digest: text,
  approvals: z.array(z.looseObject({ by: actor, at: instant, digest: z.string(), ops: z.boolean() })),
  approvalsExpireAt: number,
  parentId: text,
  options: json,
  dedupeKey: z.string(),
  version: z.number(),
});

export const cancel: z.ZodType<Cancel> = z.looseObject({ by: z.string(), reason: z.string(), force: z.boolean() });

const failure = z.looseObject({
  step: z.string(),
  code: z.string(),
  message: z.string(),
  hint: text,
  tail: z.array(z.string()),
});

export const job: z.ZodType<Job> = z.looseObject({
  id: z.string(),
  name: z.enum(['deploy', 'rollback', 'backup', 'smoke', 'monitor', 'arm', 'countdown', 'escalation']),
  requestId: z.string(),
  environment: z.string(),
  input: json,
  state: z.enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled']),
  direction: z.enum(['forward', 'back']),
  step: text,
  attempt: z.number(),
  stepStartedAt: number,
  inFlight: z.boolean(),
  outputs: jsonObject,
  checkpoint: json,
  failure: failure.nullable(),
  cancel: cancel.nullable(),
  owner: text,
  leaseUntil: number,
  wakeAt: number,
  waitReason: text,
  createdAt: instant,
  startedAt: number,
  finishedAt: number,
  version: z.number(),
});

export const lock: z.ZodType<Lock> = z.looseObject({
  environment: z.string(),
  holder: z.string(),
  by: actor,
  reason: z.string(),
  since: instant,
});

export const deployment: z.ZodType<Deployment> = z.looseObject({
  id: z.string(),
  environment: z.string(),
  kind: z.enum(['deploy', 'rollback']),
  tag: z.string(),
  commit: z.string(),
  releasePath: z.string(),
  slot: z.enum(['blue', 'green']),
  requestId: z.string(),
  liveAt: instant,
  supersededAt: number,
  rollbackBackup: text,
  rollbackTag: text,
});

export const backup: z.ZodType<Backup> = z.looseObject({
  file: z.string(),
  environment: z.string(),
  tag: z.string(),
  commit: z.string(),
  kind: z.enum(['manual', 'nightly', 'pre-deploy', 'safety']),
  createdAt: instant,
  bytes: z.number(),
  sha256: z.string(),
  verifiedAt: number,
});

/** Measured since a later version: an older worker beside us still writes samples without it. */
const measured = number.default(null);

export const sample: z.ZodType<Sample> = z.looseObject({
  jobId: z.string(),
  environment: z.string(),
  at: instant,
  healthy: z.boolean().nullable(),
  version: text,
  alive: z.boolean().nullable().default(null),
  probeMs: number,
  responseMs: number,
  errorRate: number,
  clientErrors: measured,
  requests: number,
  cpu: number,
  memory: number,
  serviceCpu: measured,
  serviceMemory: measured,
  disk: measured,
  gates: z
    .looseObject({ at: instant, verdict: z.enum(['pass', 'fail', 'unknown', 'error']), detail: z.string() })
    .nullable()
    .default(null),
  smoke: z.looseObject({ at: instant, passed: z.boolean(), detail: z.string() }).nullable().default(null),
  reporters: z.number().default(0),
  missing: z.record(z.string(), z.string()),
});

export const destination: z.ZodType<Destination> = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('card'), request: z.string() }),
  z.looseObject({ kind: z.literal('thread'), request: z.string(), broadcast: z.boolean() }),
  z.looseObject({ kind: z.literal('chart'), request: z.string() }),
  z.looseObject({ kind: z.literal('ephemeral'), user: z.string() }),
  z.looseObject({ kind: z.literal('notice'), request: z.string(), notice: z.string(), to: z.string() }),
]);

export const entryState: z.ZodType<OutboxEntry['state']> = z.enum(['pending', 'sending', 'sent', 'failed']);
