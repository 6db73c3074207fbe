// Work as it is accepted: request, job, lock and the events that tell of it, to be written in one transaction. Pure.

import type { Actor } from '../core/actor.ts';
import { type EventScope, event, type NewEvent } from '../core/event.ts';
import { type Ids, REQUEST_PREFIX } from '../core/ids.ts';
import type { Job } from '../core/job.ts';
import type { Json } from '../core/json.ts';
import type { Lock } from '../core/lock.ts';
import type { Request, RequestKind } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { newJob } from './new-job.ts';
import { lockFor } from './request-of.ts';

export interface Opening {
  readonly job: RequestKind;
  readonly environment: string;
  readonly tag: string | null;
  readonly input: Json;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly parentId: string | null;
  /** `take` is refused while somebody holds it; `seize` takes it from whoever was seen to hold it. */
  readonly lock: { readonly kind: 'none' } | { readonly kind: 'take' } | { readonly kind: 'seize'; readonly from: Lock | null };
  /** Written together with it, e.g. the cancel of the deploy that a rollback takes over. */
  readonly also?: readonly Change[];
  readonly told?: readonly NewEvent[];
}

export interface Asked {
  readonly actor: Actor;
  readonly dedupeKey: string;
  readonly now: Instant;
  readonly ids: Ids;
  /** Step name -> how long it took last time. */
  readonly expected: Readonly<Record<string, number>>;
}

export interface Opened {
  readonly request: Request;
  readonly job: Job;
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

export function openingOf(opening: Opening, asked: Asked): Opened {
  const { actor, ids, now, expected } = asked;
  const request = requestFor(opening, asked);
  const { environment, input } = opening;
  const job = newJob({ id: ids.next('j'), name: opening.job, requestId: request.id, environment, input, now });
  const scope: EventScope = { environment, requestId: request.id, jobId: job.id, actor };
  const lock = lockFor(request, now);
  const { kind, tag, parentId } = request;
  return {
    request,
    job,
    events: [
      event({ ...scope, jobId: null }, 'request.made', { kind, tag, options: opening.options, parentId, expected }),
      ...lockEvents(scope, opening, lock),
      event(scope, 'job.queued', { name: opening.job }),
      ...(opening.told ?? []),
    ],
    changes: [
      { kind: 'request.create', request },
      ...(opening.lock.kind === 'take' ? [{ kind: 'lock.take' as const, lock }] : []),
      ...(opening.lock.kind === 'seize' ? [{ kind: 'lock.seize' as const, lock, from: opening.lock.from?.holder ?? null }] : []),
      ...(opening.also ?? []),
      { kind: 'job.create', job },
    ],
  };
}

function requestFor(opening: Opening, { actor, dedupeKey, ids, now }: Asked): Request {
  return {
    id: ids.next(REQUEST_PREFIX[opening.job]),
    kind: opening.job,
    environment: opening.environment,
    tag: opening.tag,
    by: actor,
    at: now,
    state: 'open',
    digest: null,
    approvals: [],
    approvalsExpireAt: null,
    parentId: opening.parentId,
    options: opening.options,
    dedupeKey,
    version: 1,
  };
}

function lockEvents(scope: EventScope, opening: Opening, lock: Lock): readonly NewEvent[] {
  const about: EventScope = { ...scope, jobId: null };
  if (opening.lock.kind === 'none') return [];
  const from = opening.lock.kind === 'seize' ? opening.lock.from : null;
  if (from === null) return [event(about, 'lock.taken', { reason: lock.reason })];
  return [event(about, 'lock.seized', { from: from.holder, fromReason: from.reason, reason: lock.reason })];
}
