// A ladder of people begun: who is called, in which order, about what. It is climbed by a job of its own.

import { alertsOf, type IncidentKind, ladderFor, type Rung, type Severity } from '../core/alert.ts';
import type { Config } from '../core/config.ts';
import { event, type NewEvent, type RollbackOffer } from '../core/event.ts';
import type { Ids } from '../core/ids.ts';
import type { Change, StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { EscalationInput } from './inputs.ts';
import { newJob } from './new-job.ts';

const SEVERITY = {
  breach: 'warning',
  'rolled-back': 'warning',
  blind: 'critical',
  rule: 'critical',
  emergency: 'critical',
} as const satisfies Record<IncidentKind, Severity>;

export interface Alarm {
  readonly kind: IncidentKind;
  readonly about: string;
  /** A matter of the media engineers: they are called first. */
  readonly media: boolean;
  readonly rollback: RollbackOffer | null;
  readonly deploymentId: string | null;
  readonly recovers: boolean;
}

export interface Ground {
  readonly config: Config;
  readonly ids: Ids;
  readonly store: StoreReader;
  readonly requestId: string;
  readonly environment: string;
  readonly now: Instant;
}

/** Nothing where the configuration has no ladder. */
export async function raiseAlarm(
  { config, ids, store, requestId, environment, now }: Ground,
  alarm: Alarm,
): Promise<{ readonly changes: readonly Change[]; readonly events: readonly NewEvent[] }> {
  const declared = config.environments[environment]?.escalation ?? [];
  if (declared.length === 0) return { changes: [], events: [] };
  const rungs = declared.map(({ to, after }): Rung => ({ to, after, person: config.people[to] }));
  const count = alertsOf(await store.eventsOf(requestId)).incidents.length;
  const incident = `INC-${requestId}-${count + 1}`;
  const { kind, about, media, rollback, deploymentId, recovers } = alarm;
  const input: EscalationInput = { incident, deploymentId, recovers };
  const job = newJob({ id: ids.next('j'), name: 'escalation', requestId, environment, input, now });
  const scope = { environment, requestId, jobId: job.id, actor: null };
  const facts = { incident, kind, severity: SEVERITY[kind], about, rollback, meeting: config.notify.meeting };
  return {
    changes: [{ kind: 'job.create', job }],
    events: [
      event(scope, 'job.queued', { name: 'escalation' }),
      event(scope, 'escalation.started', { ...facts, rungs: ladderFor(rungs, media) }),
    ],
  };
}
