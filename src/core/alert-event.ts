// What is told when something is wrong, who was called about it, and how it went back. Part of the event log.

import type { IncidentKind, Rung, Severity } from './alert.ts';
import type { Role } from './config.ts';
import type { RollbackOffer } from './event.ts';
import type { Rule } from './rule.ts';
import type { DurationMs, Instant } from './time.ts';

export interface AlertEventMap {
  /** Stops every ladder of the request that climbs at that moment. */
  'alert.acknowledged': { gate: string };
  'alert.snoozed': { until: Instant; about: string };
  'alert.snooze-ended': { why: string };
  /** A ladder begins to be climbed. `incident` is its name for people and for other systems: INC-d-7k3f9x-1. */
  'escalation.started': IncidentFacts & { rungs: readonly Rung[] };
  'escalation.called': IncidentFacts & { to: Role; person: string; rung: number; of: number; reach: 'known' | 'unknown' };
  'escalation.skipped': { incident: string; to: Role; rung: number; of: number; why: string };
  'escalation.ended': {
    incident: string;
    kind: IncidentKind;
    about: string;
    severity: Severity;
    how: 'acknowledged' | 'recovered' | 'rolled-back' | 'superseded' | 'raised' | 'exhausted';
    by: string | null;
  };
  /** It rolls back by itself at `until`, unless somebody stops it. Told again, with a new end, after a snooze. */
  'rollback.counting': { until: Instant; rule: Rule; offer: RollbackOffer };
  'rollback.countdown-ended': {
    how: 'fired' | 'canceled' | 'rolled-back-now' | 'superseded' | 'snoozed';
    rule: Rule;
    by: string | null;
    /** The rollback it led to; null = none. */
    requestId: string | null;
  };
  /** The rule says "by itself", and something speaks against it. */
  'rollback.withheld': { rule: Rule; why: string };
  /** The way back was tried as far as it can be without going it. `measured` false = the estimate is the promise. */
  'rollback.armed': { backup: string; toTag: string; verifiedAt: Instant; estimateMs: DurationMs; measured: boolean; freeBytes: number };
  'rollback.unarmed': { backup: string; why: string; next: RollbackOffer | null };
}

/** What every call for help carries, so that each can be read alone. */
export interface IncidentFacts {
  readonly incident: string;
  readonly kind: IncidentKind;
  readonly severity: Severity;
  /** One sentence: what is wrong, with its value. */
  readonly about: string;
  readonly rollback: RollbackOffer | null;
  /** Where to meet; null = none is configured. */
  readonly meeting: string | null;
}

export const ALERT_EVENT_TYPES = [
  'alert.acknowledged',
  'alert.snoozed',
  'alert.snooze-ended',
  'escalation.started',
  'escalation.called',
  'escalation.skipped',
  'escalation.ended',
  'rollback.counting',
  'rollback.countdown-ended',
  'rollback.withheld',
  'rollback.armed',
  'rollback.unarmed',
] as const satisfies readonly (keyof AlertEventMap)[];
