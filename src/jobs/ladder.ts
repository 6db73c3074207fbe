// A ladder of people begun: who is called, in which order, about what. It is climbed by a job of its own.

import { type Alerts, type IncidentKind, ladderFor, openIncidents, type Rung, rank, SEVERITY } from '../core/alert.ts';
import type { Config } from '../core/config.ts';
import { event, type NewEvent, type RollbackOffer } from '../core/event.ts';
import type { Ids } from '../core/ids.ts';
import type { Change } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { EscalationInput } from './inputs.ts';
import { newJob } from './new-job.ts';

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
  /** The request's, as they stand. */
  readonly alerts: Alerts;
  readonly requestId: string;
  readonly environment: string;
  readonly now: Instant;
}

/**
 * One ladder at a time: what is no graver than an alarm that people are being called for joins it. Where nobody is named to be called, what is
 * critical is an incident all the same, for e-mail and PagerDuty.
 */
export function raiseAlarm(
  { config, ids, alerts, requestId, environment, now }: Ground,
  alarm: Alarm,
): { readonly changes: readonly Change[]; readonly events: readonly NewEvent[] } {
  const { kind, about, media, rollback, deploymentId, recovers } = alarm;
  if (openIncidents(alerts).some((open) => rank(open.kind) >= rank(kind))) return { changes: [], events: [] };
  const declared = config.environments[environment]?.escalation ?? [];
  if (declared.length === 0 && SEVERITY[kind] === 'warning') return { changes: [], events: [] };
  const rungs = declared.map(({ to, after }): Rung => ({ to, after, person: config.people[to] }));
  const incident = `INC-${requestId}-${alerts.incidents.length + 1}`;
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
