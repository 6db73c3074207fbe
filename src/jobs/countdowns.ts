// A countdown begun, and what ends it. Its end is a wall-clock time in the log, so no restart moves it.

import type { Actor } from '../core/actor.ts';
import { alertsOf, openCountdown } from '../core/alert.ts';
import type { Config } from '../core/config.ts';
import { type EventMap, event, type NewEvent, type RollbackOffer } from '../core/event.ts';
import type { Ids } from '../core/ids.ts';
import type { Job } from '../core/job.ts';
import type { Request } from '../core/request.ts';
import type { Rule } from '../core/rule.ts';
import type { Change, StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { CountdownInput } from './inputs.ts';
import { newJob } from './new-job.ts';
import { requestOf } from './request-of.ts';

/**
 * Whoever ends a countdown or a ladder counts the request's version up. So of two at once (a Cancel and the fire, an acknowledgment
 * and a call) one is first, and the other reads again and finds it decided.
 */
export function takeTurn(request: Request): Change {
  return { kind: 'request.update', request: { ...request, version: request.version + 1 } };
}

export function beginCountdown(begun: {
  readonly config: Config;
  readonly ids: Ids;
  readonly requestId: string;
  readonly environment: string;
  readonly rule: Rule;
  readonly offer: RollbackOffer;
  readonly now: Instant;
}): { readonly changes: readonly Change[]; readonly events: readonly NewEvent[] } {
  const { config, ids, requestId, environment, rule, offer, now } = begun;
  const input: CountdownInput = { deploymentId: offer.deploymentId, rule };
  const job = newJob({ id: ids.next('j'), name: 'countdown', requestId, environment, input, now });
  const scope = { environment, requestId, jobId: job.id, actor: null };
  const until = now + (config.environments[environment]?.rollback.countdown ?? 0);
  return {
    changes: [{ kind: 'job.create', job }],
    events: [event(scope, 'job.queued', { name: 'countdown' }), event(scope, 'rollback.counting', { until, rule, offer })],
  };
}

/** A person's end of a countdown: the event, the turn, and a wake so that its job sees it at once. */
export function endCountdown(ended: {
  readonly job: Pick<Job, 'id' | 'environment'>;
  readonly request: Request;
  readonly actor: Actor;
  readonly rule: Rule;
  readonly how: EventMap['rollback.countdown-ended']['how'];
  readonly now: Instant;
}): { readonly changes: readonly Change[]; readonly events: readonly NewEvent[] } {
  const { job, request, actor, rule, how, now } = ended;
  const scope = { environment: job.environment, requestId: request.id, jobId: job.id, actor };
  return {
    changes: [takeTurn(request), { kind: 'job.wake', jobId: job.id, at: now }],
    events: [event(scope, 'rollback.countdown-ended', { how, rule, by: actor.name, requestId: null })],
  };
}

/** Somebody rolls back by hand: what counts down to the same thing is over. */
export async function overtakeCountdowns(
  store: StoreReader,
  open: readonly Job[],
  actor: Actor,
  now: Instant,
): Promise<{ readonly also: readonly Change[]; readonly told: readonly NewEvent[] }> {
  const also: Change[] = [];
  const told: NewEvent[] = [];
  for (const job of open.filter(({ name }) => name === 'countdown')) {
    const counting = openCountdown(alertsOf(await store.eventsOf(job.requestId)));
    if (counting === null || counting.jobId !== job.id) continue;
    const request = await requestOf(store, job);
    const end = endCountdown({ job, request, actor, rule: counting.rule, how: 'rolled-back-now', now });
    also.push(...end.changes);
    told.push(...end.events);
  }
  return { also, told };
}
