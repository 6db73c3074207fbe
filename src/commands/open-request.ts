// The one place where work is accepted: request, job, lock and the event that tells of it, in one transaction.

import { type EventScope, event, type NewEvent } from '../core/event.ts';
import { REQUEST_PREFIX } from '../core/ids.ts';
import type { JobName } from '../core/job.ts';
import type { Json } from '../core/json.ts';
import type { Lock } from '../core/lock.ts';
import { refuse } from '../core/refusal.ts';
import type { Request } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { newJob } from '../jobs/new-job.ts';
import { lockFor } from '../jobs/request-of.ts';
import type { CommandContext } from './command.ts';
import { expectedDurations } from './expected.ts';

export interface Opening {
  readonly job: JobName;
  readonly environment: string;
  readonly tag: string | null;
  readonly input: Json;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly parentId: string | null;
  /** `take` is refused while somebody holds it; `seize` takes it from whoever was seen to hold it. */
  readonly lock: { readonly kind: 'none' } | { readonly kind: 'take' } | { readonly kind: 'seize'; readonly from: Lock | null };
  /** Written together with it, e.g. the cancel of the deploy that a rollback takes over. */
  readonly also?: readonly Change[];
  readonly note: string;
}

/** null = somebody wrote first: look again and decide again. */
export async function openRequest(context: CommandContext, opening: Opening): Promise<Reply | null> {
  const { store, ports, actor, now, raw } = context;
  const request = requestFor(context, opening);
  const job = newJob({
    id: ports.ids.next('j'),
    name: opening.job,
    requestId: request.id,
    environment: opening.environment,
    input: opening.input,
    now,
  });
  const scope: EventScope = { environment: opening.environment, requestId: request.id, jobId: job.id, actor };
  const lock = lockFor(request, now);
  const expected = await expectedDurations(store, opening.environment, opening.job);
  const { kind, tag, parentId } = request;
  const events: NewEvent[] = [
    event({ ...scope, jobId: null }, 'request.made', { kind, tag, options: opening.options, parentId, expected }),
    ...lockEvents(scope, opening, lock),
    event(scope, 'job.queued', { name: opening.job }),
  ];
  const changes: Change[] = [
    { kind: 'request.create', request },
    ...(opening.lock.kind === 'take' ? [{ kind: 'lock.take' as const, lock }] : []),
    ...(opening.lock.kind === 'seize' ? [{ kind: 'lock.seize' as const, lock, from: opening.lock.from?.holder ?? null }] : []),
    ...(opening.also ?? []),
    { kind: 'job.create', job },
  ];
  const result = await store.commit(changes, events, now);
  switch (result.kind) {
    case 'committed':
      return { kind: 'accepted', request, jobId: job.id, note: opening.note };
    case 'duplicate': {
      const [first] = await store.jobs({ requestId: result.request.id, limit: 1 });
      return { kind: 'accepted', request: result.request, jobId: first?.id ?? job.id, note: `already asked (${raw.dedupeKey})` };
    }
    case 'locked':
      return lockedRefusal(result.lock);
    case 'stale':
      return null;
  }
}

/** Names who, what and since when. */
export function lockedRefusal(lock: Lock): Reply {
  const byHand = lock.holder.startsWith('person:');
  return refuse(
    'environment_locked',
    `${lock.environment} is held by ${lock.by.name} since ${formatUtc(lock.since)}: ${lock.reason}`,
    byHand
      ? `When it is over: /dhash unlock ${lock.environment}`
      : `See it with /dhash status ${lock.environment}; end it with /dhash cancel ${lock.holder}`,
  );
}

function requestFor({ ports, actor, now, raw }: CommandContext, opening: Opening): Request {
  return {
    id: ports.ids.next(REQUEST_PREFIX[opening.job]),
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
    dedupeKey: raw.dedupeKey,
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
