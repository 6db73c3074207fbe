// Something that happened, past tense. The log of these is the audit trail, the report and what Slack is drawn from.

import type { Actor } from './actor.ts';
import { ALERT_EVENT_TYPES, type AlertEventMap } from './alert-event.ts';
import type { BackupKind } from './backup.ts';
import type { Evidence } from './check.ts';
import type { JobName, StepFailure } from './job.ts';
import type { NewCommits, Probe } from './ports.ts';
import type { RequestKind, RequestState } from './request.ts';
import type { Rule, RuleMode } from './rule.ts';
import type { DurationMs, Instant } from './time.ts';
import type { WatchTotals } from './watch-totals.ts';

/** Each event's name and what it carries. Names are stored for ever: never rename one. */
export interface EventMap extends AlertEventMap {
  'request.made': {
    kind: RequestKind;
    tag: string | null;
    options: Readonly<Record<string, string | boolean>>;
    parentId: string | null;
    /** Step name -> how long it took last time, ms; for ETAs. */
    expected: Readonly<Record<string, number>>;
  };
  'request.ended': { state: Exclude<RequestState, 'open'>; why: string };
  'command.refused': { text: string; reason: string; message: string };
  'checklist.judged': {
    evidence: readonly Evidence[];
    tag: string;
    commit: string;
    digest: string;
    passed: boolean;
    /** Absent = nothing was live, the source has no history, or it does not pass. */
    commits?: CommitsSince;
  };
  'approvals.opened': { required: number; fromOps: number; digest: string; expiresAt: Instant };
  'approval.given': { digest: string; ops: boolean };
  'approvals.filled': { people: readonly string[] };
  'approvals.voided': { moved: readonly { what: string; from: string; to: string }[] };
  'request.rejected': { reason: string };
  'request.expired': { filled: number; required: number };
  'cancel.asked': { reason: string; force: boolean };
  'lock.taken': { reason: string };
  'lock.released': { reason: string; heldMs: number };
  'lock.seized': { from: string; fromReason: string; reason: string };
  'job.queued': { name: JobName };
  'job.started': { name: JobName; steps: readonly { name: string; title: string }[] };
  'job.resumed': { step: string; found: 'not-started' | 'rerun' | 'done' | 'again' };
  'job.waiting': { step: string; until: Instant; why: string };
  'job.turned-back': { because: string; failure: StepFailure | null };
  'job.ended': { name: JobName; outcome: 'succeeded' | 'failed' | 'canceled'; durationMs: number; failure: StepFailure | null };
  'step.started': { step: string; title: string; index: number; of: number; direction: 'forward' | 'back'; attempt: number };
  'step.finished': { step: string; index: number; of: number; direction: 'forward' | 'back'; durationMs: number; note: string | null };
  'step.failed': { direction: 'forward' | 'back'; attempt: number; failure: StepFailure; retrying: boolean };
  'step.rewound': { step: string; to: string };
  'backup.created': { file: string; tag: string; kind: BackupKind; bytes: number; files: number; sha256: string };
  'backup.verified': { file: string; ok: boolean; detail: string };
  'backup.pruned': { file: string; why: string };
  'release.pruned': { release: string };
  'traffic.switched': { from: string | null; to: string; fromTag: string | null; toTag: string };
  'traffic.measured': {
    /** Of everything that was asked, from before the switch until the old slot was gone. */
    total: number;
    failed: number;
    phases?: Probe['phases'];
    firstFailure: string | null;
    interrupted: boolean;
  };
  'version.live': {
    deploymentId: string;
    kind: 'deploy' | 'rollback';
    tag: string;
    commit: string;
    previousTag: string | null;
    rollbackBackup: string | null;
    rollbackTag: string | null;
  };
  /** What is live had gone without having been stopped, and was started again (or could not be). */
  'service.restarted': { slot: string; tag: string; ok: boolean; detail: string };
  'smoke.judged': { results: readonly { name: string; critical: boolean; passed: boolean; detail: string }[]; passed: boolean };
  'report.written': { markdown: string; json: string; html?: string };
  /** What was measured before the switch: whatever failed then is not the new version's doing. */
  'monitor.baseline': { measures: readonly Measure[]; failing: readonly string[] };
  'monitor.started': { deploymentId: string; tag: string; until: Instant; intervalMs: number };
  'monitor.updated': { offsetMs: number; remainingMs: number; measures: readonly Measure[]; verdict: 'healthy' | 'breached' | 'blind' };
  'monitor.breached': { gate: string; value: string; threshold: string; failures: number; rollback: RollbackOffer | null };
  'monitor.recovered': { gate: string; value: string; passes: number };
  /** An incident of its own: so many checks in a row saw nothing of this source. */
  'monitor.blind': { source: string; checks: number; detail: string };
  'monitor.sighted': { source: string; checks: number };
  /** A rollback rule is met; told once until it clears. */
  'monitor.rule-met': {
    rule: Rule;
    value: string;
    threshold: string;
    detail: string;
    mode: RuleMode;
    rollback: RollbackOffer | null;
  };
  'monitor.rule-cleared': { rule: Rule; value: string };
  'monitor.ended': {
    verdict: 'certified' | 'not-certified' | 'superseded';
    why: string;
    checks: number;
    breaches: number;
    measures: readonly Measure[];
    /** Of all looks; absent = ended before these were kept. */
    totals?: WatchTotals;
  };
  /** Not delivered yet, kept and tried again. `to`: E-mail, Teams or PagerDuty, and the address where there is one. */
  'notice.late': { key: string; to: string; notice: string; code: string; detail: string };
  /** Given up, or never sent. */
  'notice.lost': { key: string; to: string; notice: string; code: string; detail: string };
  /** A person saw something wrong with what is live. */
  'problem.reported': { text: string };
}

/** What a deploy brings on top of what is live. */
export interface CommitsSince {
  readonly since: string;
  /** null = the source could not be asked. */
  readonly found: NewCommits | null;
}

/** One line of the watch: what was measured against what. */
export interface Measure {
  readonly gate: string;
  readonly label: string;
  /** With its unit, or "not measured". */
  readonly value: string;
  readonly threshold: string;
  readonly state: 'pass' | 'fail' | 'unknown' | 'error';
}

/** The facts behind **Rollback now**: from -> to, and which backup. */
export interface RollbackOffer {
  readonly deploymentId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly backup: string;
  readonly backupAt: Instant;
  readonly verifiedAt: Instant | null;
  /** How long the last rollback here took; null or missing = there was none. */
  readonly estimateMs?: DurationMs | null;
}

export type EventType = keyof EventMap;

/** What an event is about. */
export interface EventScope {
  readonly environment: string | null;
  readonly requestId: string | null;
  readonly jobId: string | null;
  readonly actor: Actor | null;
}

export type NewEvent = { [T in EventType]: EventScope & { readonly type: T; readonly data: EventMap[T] } }[EventType];

export type StoredEvent = NewEvent & {
  /** 1, 2, 3 ... without gaps. */
  readonly seq: number;
  readonly at: Instant;
  readonly prevHash: string;
  readonly hash: string;
};

/** An event of one type, e.g. `EventOf<'version.live'>`. */
export type EventOf<T extends EventType> = Extract<StoredEvent, { type: T }>;

/** One event, typed by its name. */
export function event<T extends EventType>(scope: EventScope, type: T, data: EventMap[T]): NewEvent {
  const { environment, requestId, jobId, actor } = scope;
  // The compiler cannot pair `type` with `data` through a generic; the signature above has.
  return { environment, requestId, jobId, actor, type, data } as NewEvent;
}

export const EVENT_TYPES = [
  'request.made',
  'request.ended',
  'command.refused',
  'checklist.judged',
  'approvals.opened',
  'approval.given',
  'approvals.filled',
  'approvals.voided',
  'request.rejected',
  'request.expired',
  'cancel.asked',
  'lock.taken',
  'lock.released',
  'lock.seized',
  'job.queued',
  'job.started',
  'job.resumed',
  'job.waiting',
  'job.turned-back',
  'job.ended',
  'step.started',
  'step.finished',
  'step.failed',
  'step.rewound',
  'backup.created',
  'backup.verified',
  'backup.pruned',
  'release.pruned',
  'traffic.switched',
  'traffic.measured',
  'version.live',
  'service.restarted',
  'smoke.judged',
  'report.written',
  'monitor.baseline',
  'monitor.started',
  'monitor.updated',
  'monitor.breached',
  'monitor.recovered',
  'monitor.blind',
  'monitor.sighted',
  'monitor.rule-met',
  'monitor.rule-cleared',
  'monitor.ended',
  ...ALERT_EVENT_TYPES,
  'notice.late',
  'notice.lost',
  'problem.reported',
] as const satisfies readonly EventType[];
