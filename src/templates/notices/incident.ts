// An incident in words: what its ladder is climbed for, with the facts of the event that it began with.

import type { IncidentKind } from '../../core/alert.ts';
import type { EventOf, EventType, StoredEvent } from '../../core/event.ts';
import type { RequestView } from '../view.ts';
import { NOT_KNOWN } from './notice.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Which events an incident of that kind begins with. */
const CAUSES: Readonly<Record<IncidentKind, readonly EventType[]>> = {
  breach: ['monitor.breached'],
  'rolled-back': [],
  blind: ['monitor.blind'],
  rule: ['monitor.rule-met'],
  down: ['monitor.breached', 'service.restarted'],
  emergency: ['monitor.rule-met', 'monitor.breached', 'request.ended'],
};

export type IncidentEvent = EventOf<'escalation.started'> | EventOf<'escalation.called'>;

export function isIncident(told: StoredEvent): told is IncidentEvent {
  return told.type === 'escalation.started' || told.type === 'escalation.called';
}

export function incidentTrouble({ seq, data }: IncidentEvent, story: readonly StoredEvent[], view: RequestView): Trouble {
  const began = story.find((told) => told.type === 'escalation.started' && told.data.incident === data.incident)?.seq ?? seq;
  const before = story.filter((told) => told.seq < began && CAUSES[data.kind].includes(told.type));
  const troubles = before.filter(({ at }) => at === before.at(-1)?.at).flatMap((told) => troubleOf(told, view) ?? []);
  const cause = troubles.find(({ severity }) => severity === 'critical') ?? troubles[0] ?? unexplained(data.about);
  return { ...cause, what: data.about, severity: data.severity === 'critical' ? 'critical' : 'high' };
}

/** A rollback that went well is no trouble, and yet somebody has to have seen it. */
function unexplained(about: string): Trouble {
  return {
    title: about,
    what: about,
    severity: 'high',
    status: about,
    impact: NOT_KNOWN,
    actions: 'told',
    nextSteps: 'acknowledge',
    eta: NOT_KNOWN,
    rollback: NOT_KNOWN,
    tail: [],
  };
}
