// What in a request's story is alarming now, folded out of its events: commands, timers and templates all see the same.

import type { Role } from './config.ts';
import type { EventMap, EventOf, RollbackOffer, StoredEvent } from './event.ts';
import type { Rule } from './rule.ts';
import type { DurationMs, Instant } from './time.ts';

/** In rising order: a ladder gives way to one of a graver kind. */
const INCIDENT_KINDS = ['breach', 'rolled-back', 'blind', 'rule', 'down', 'emergency'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];
export type Severity = 'warning' | 'critical';

/** What is critical also leaves for the emergency list and for PagerDuty. */
export const SEVERITY = {
  breach: 'warning',
  'rolled-back': 'warning',
  blind: 'critical',
  rule: 'critical',
  down: 'critical',
  emergency: 'critical',
} as const satisfies Record<IncidentKind, Severity>;

/** One step of a ladder: whom, how long after its beginning. `person` null = nobody fills the role. */
export interface Rung {
  readonly to: Role;
  readonly person: string | null;
  readonly after: DurationMs;
}

export interface Incident {
  readonly id: string;
  readonly jobId: string;
  readonly kind: IncidentKind;
  readonly about: string;
  readonly at: Instant;
  readonly rungs: readonly Rung[];
  /** Rungs taken, called or skipped. */
  readonly climbed: number;
  /** The last rung reached nobody for certain: the next one does not wait. */
  readonly hurry: boolean;
  readonly acked: { readonly by: string; readonly at: Instant } | null;
  readonly ended: EventMap['escalation.ended']['how'] | null;
}

export interface Countdown {
  readonly jobId: string;
  readonly rule: Rule;
  readonly offer: RollbackOffer;
  readonly countedAt: Instant;
  readonly until: Instant;
  readonly ended: EventMap['rollback.countdown-ended'] | null;
}

export interface Snooze {
  readonly from: Instant;
  /** Earlier than what was said when it was ended early. */
  readonly until: Instant;
  readonly by: string;
}

export interface Alerts {
  /** What is bad at the moment: gates, sources and rules by their names. */
  readonly bad: readonly string[];
  readonly incidents: readonly Incident[];
  readonly countdowns: readonly Countdown[];
  readonly snoozes: readonly Snooze[];
}

export function alertsOf(story: readonly StoredEvent[]): Alerts {
  return story.reduce(fold, { bad: [], incidents: [], countdowns: [], snoozes: [] });
}

/** The snooze that holds now; null = none. */
export function activeSnooze({ snoozes }: Alerts, now: Instant): Snooze | null {
  return snoozes.find(({ from, until }) => from <= now && now < until) ?? null;
}

export function openIncidents({ incidents }: Alerts): readonly Incident[] {
  return incidents.filter(({ ended, acked }) => ended === null && acked === null);
}

export function openCountdown({ countdowns }: Alerts): Countdown | null {
  return countdowns.findLast(({ ended }) => ended === null) ?? null;
}

export function rank(kind: IncidentKind): number {
  return INCIDENT_KINDS.indexOf(kind);
}

/** When a rung is due: its time from the beginning, moved on by every snooze that came before it. */
export function dueAt(incident: Pick<Incident, 'at'>, after: DurationMs, snoozes: readonly Snooze[]): Instant {
  return snoozes.reduce((due, { from, until }) => {
    const start = Math.max(from, incident.at);
    return start >= due || until <= start ? due : due + (until - start);
  }, incident.at + after);
}

/** Media breaches go to the media engineers first; everybody else moves one rung on, the times stay. */
export function ladderFor(rungs: readonly Rung[], media: boolean): readonly Rung[] {
  const first = media ? rungs.find(({ to }) => to === 'mediaEng') : undefined;
  if (first === undefined) return rungs;
  const order = [first, ...rungs.filter((rung) => rung !== first)];
  return order.map((rung, index) => ({ ...rung, after: rungs[index]?.after ?? rung.after }));
}

function fold(alerts: Alerts, told: StoredEvent): Alerts {
  switch (told.type) {
    case 'monitor.breached':
      return bad(alerts, told.data.gate);
    case 'monitor.recovered':
      return good(alerts, told.data.gate);
    case 'monitor.blind':
      return bad(alerts, `blind:${told.data.source}`);
    case 'monitor.sighted':
      return good(alerts, `blind:${told.data.source}`);
    case 'monitor.rule-met':
      return bad(alerts, `rule:${told.data.rule}`);
    case 'monitor.rule-cleared':
      return good(alerts, `rule:${told.data.rule}`);
    case 'service.restarted':
      return told.data.ok ? good(alerts, `service:${told.data.slot}`) : bad(alerts, `service:${told.data.slot}`);
    case 'alert.snoozed':
      return { ...alerts, snoozes: [...alerts.snoozes, { from: told.at, until: told.data.until, by: told.actor?.name ?? 'somebody' }] };
    case 'alert.snooze-ended':
      return { ...alerts, snoozes: alerts.snoozes.map((snooze) => ({ ...snooze, until: Math.min(snooze.until, told.at) })) };
    case 'alert.acknowledged':
      return { ...alerts, incidents: alerts.incidents.map((incident) => acknowledge(incident, told)) };
    case 'rollback.counting':
      return { ...alerts, countdowns: counted(alerts.countdowns, told) };
    case 'rollback.countdown-ended':
      return {
        ...alerts,
        countdowns: alerts.countdowns.map((one) => (one.jobId === told.jobId && one.ended === null ? { ...one, ended: told.data } : one)),
      };
    default:
      return { ...alerts, incidents: climbed(alerts.incidents, told) };
  }
}

function climbed(incidents: readonly Incident[], told: StoredEvent): readonly Incident[] {
  switch (told.type) {
    case 'escalation.started': {
      const { incident: id, kind, about, rungs } = told.data;
      const begun = { id, jobId: told.jobId ?? '', kind, about, at: told.at, rungs, climbed: 0, hurry: false, acked: null, ended: null };
      return [...incidents, begun];
    }
    case 'escalation.called':
      return change(incidents, told.data.incident, { climbed: told.data.rung, hurry: told.data.reach === 'unknown' });
    case 'escalation.skipped':
      return change(incidents, told.data.incident, { climbed: told.data.rung, hurry: true });
    case 'escalation.ended':
      return change(incidents, told.data.incident, { ended: told.data.how });
    default:
      return incidents;
  }
}

function change(incidents: readonly Incident[], id: string, patch: Partial<Incident>): readonly Incident[] {
  return incidents.map((incident) => (incident.id === id ? { ...incident, ...patch } : incident));
}

function acknowledge(incident: Incident, told: EventOf<'alert.acknowledged'>): Incident {
  if (incident.ended !== null || incident.acked !== null) return incident;
  return { ...incident, acked: { by: told.actor?.name ?? 'somebody', at: told.at } };
}

function counted(countdowns: readonly Countdown[], told: EventOf<'rollback.counting'>): readonly Countdown[] {
  const jobId = told.jobId ?? '';
  const next: Countdown = { jobId, ...told.data, countedAt: told.at, ended: null };
  return [...countdowns.filter((one) => one.jobId !== jobId), next];
}

function bad(alerts: Alerts, name: string): Alerts {
  return alerts.bad.includes(name) ? alerts : { ...alerts, bad: [...alerts.bad, name] };
}

function good(alerts: Alerts, name: string): Alerts {
  return { ...alerts, bad: alerts.bad.filter((other) => other !== name) };
}
