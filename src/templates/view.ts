// A request as people see it, folded out of its events and nothing else: replaying the log gives the same view, always.

import type { Actor } from '../core/actor.ts';
import { type Alerts, alertsOf } from '../core/alert.ts';
import type { Evidence } from '../core/check.ts';
import type { CommitsSince, EventMap, Measure, RollbackOffer, StoredEvent } from '../core/event.ts';
import type { StepFailure } from '../core/job.ts';
import type { RequestKind, RequestState } from '../core/request.ts';
import type { Instant } from '../core/time.ts';
import { foldSteps, type ViewStep } from './view-steps.ts';

export interface Watch {
  readonly jobId: string;
  readonly tag: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly breached: readonly string[];
  readonly blind: boolean;
  readonly measures: readonly Measure[];
  readonly ended: EventMap['monitor.ended'] | null;
}

export interface RequestView {
  readonly id: string;
  readonly kind: RequestKind;
  readonly environment: string;
  readonly tag: string | null;
  readonly by: Actor;
  readonly at: Instant;
  /** Time of the newest event folded in: what "now" means on a card. */
  readonly lastAt: Instant;
  readonly state: RequestState;
  readonly why: string | null;
  readonly parentId: string | null;
  readonly options: EventMap['request.made']['options'];
  readonly expected: Readonly<Record<string, number>>;
  readonly evidence: readonly Evidence[];
  readonly commit: string | null;
  readonly commits: CommitsSince | null;
  readonly approvals: {
    readonly required: number;
    readonly fromOps: number;
    readonly digest: string;
    readonly expiresAt: Instant;
    readonly given: readonly { readonly person: Actor; readonly ops: boolean }[];
    readonly filled: boolean;
  } | null;
  readonly steps: readonly ViewStep[];
  readonly failure: StepFailure | null;
  readonly turnedBack: boolean;
  readonly cancelAsked: string | null;
  /** When people had said yes: waiting for them is not work. null = nobody was waited for. */
  readonly workFrom: Instant | null;
  readonly jobEnded: { readonly at: Instant; readonly durationMs: number; readonly outcome: 'succeeded' | 'failed' | 'canceled' } | null;
  readonly backup: { readonly file: string; readonly at: Instant; readonly sha256: string; readonly bytes: number } | null;
  readonly traffic: EventMap['traffic.measured'] | null;
  readonly smoke: EventMap['smoke.judged'] | null;
  readonly live: (EventMap['version.live'] & { readonly at: Instant }) | null;
  readonly report: EventMap['report.written'] | null;
  readonly watch: Watch | null;
  /** Jobs beside the request's own work: the watch, its timers, the proof of the way back. */
  readonly sideJobs: readonly string[];
  readonly alerts: Alerts;
  /** What was last found out about the way back. */
  readonly way: Partial<Pick<RollbackOffer, 'backupAt' | 'verifiedAt' | 'estimateMs'>>;
}

/** null = the story does not begin with `request.made` (it is about no request). */
export function viewOf(story: readonly StoredEvent[]): RequestView | null {
  const first = story.find((told) => told.type === 'request.made');
  if (first === undefined || first.requestId === null || first.environment === null || first.actor === null) return null;
  const start: RequestView = {
    id: first.requestId,
    kind: first.data.kind,
    environment: first.environment,
    tag: first.data.tag,
    by: first.actor,
    at: first.at,
    lastAt: first.at,
    state: 'open',
    why: null,
    parentId: first.data.parentId,
    options: first.data.options,
    expected: first.data.expected,
    evidence: [],
    commit: null,
    commits: null,
    approvals: null,
    steps: [],
    failure: null,
    turnedBack: false,
    cancelAsked: null,
    workFrom: null,
    jobEnded: null,
    backup: null,
    traffic: null,
    smoke: null,
    live: null,
    report: null,
    watch: null,
    sideJobs: [],
    alerts: alertsOf(story),
    way: {},
  };
  return story.reduce(fold, start);
}

function fold(view: RequestView, told: StoredEvent): RequestView {
  return { ...view, ...patch(view, told), lastAt: told.at };
}

function patch(view: RequestView, told: StoredEvent): Partial<RequestView> {
  if (told.type === 'job.queued' && told.jobId !== null && told.data.name !== view.kind)
    return { sideJobs: [...view.sideJobs, told.jobId] };
  if (told.type.startsWith('monitor.')) return watchPatch(view.watch, told);
  if (told.type === 'rollback.unarmed') return repinned(view, told.data.next);
  if (told.type === 'rollback.armed')
    return { way: { ...view.way, verifiedAt: told.data.verifiedAt, estimateMs: told.data.measured ? told.data.estimateMs : null } };
  // What stands beside it is in the same story, but its steps are not steps of the deploy.
  if (isSide(view, told)) return {};
  return workPatch(view, told);
}

function workPatch(view: RequestView, told: StoredEvent): Partial<RequestView> {
  switch (told.type) {
    case 'checklist.judged':
      return { evidence: told.data.evidence, commit: told.data.commit, commits: told.data.commits ?? null };
    case 'approvals.opened':
      return { approvals: { ...told.data, given: [], filled: false } };
    case 'approval.given':
      return view.approvals === null || told.actor === null
        ? {}
        : { approvals: { ...view.approvals, given: [...view.approvals.given, { person: told.actor, ops: told.data.ops }] } };
    case 'approvals.filled':
      return view.approvals === null ? {} : { approvals: { ...view.approvals, filled: true }, workFrom: told.at };
    case 'approvals.voided':
      return { approvals: null };
    case 'cancel.asked':
      return { cancelAsked: told.data.reason };
    case 'backup.created':
      return { backup: { file: told.data.file, at: told.at, sha256: told.data.sha256, bytes: told.data.bytes } };
    case 'traffic.measured':
      return { traffic: told.data };
    case 'smoke.judged':
      return { smoke: told.data };
    case 'version.live':
      return { live: { ...told.data, at: told.at } };
    case 'report.written':
      return { report: told.data };
    case 'request.rejected':
      return { state: 'rejected', why: told.data.reason };
    case 'request.expired':
      return { state: 'expired', why: `${told.data.filled} of ${told.data.required} approvals in time` };
    case 'request.ended':
      return { state: told.data.state, why: view.why ?? told.data.why };
    case 'job.ended':
      return {
        jobEnded: { at: told.at, durationMs: told.at - (view.workFrom ?? told.at - told.data.durationMs), outcome: told.data.outcome },
      };
    case 'job.turned-back':
      return { turnedBack: takesBack(view, told), failure: told.data.failure };
    default:
      return { steps: foldSteps(view.steps, told), ...failurePatch(told) };
  }
}

/** Something that was done is undone. A watch that is stopped has nothing of that kind: it only comes to its end. */
export function takesBack(view: RequestView, told: StoredEvent): boolean {
  return told.type === 'job.turned-back' && view.kind !== 'monitor' && !isSide(view, told);
}

export function isSide(view: RequestView, told: StoredEvent): boolean {
  return told.jobId !== null && view.sideJobs.includes(told.jobId);
}

function repinned({ live }: RequestView, next: RollbackOffer | null): Partial<RequestView> {
  if (live === null || next === null) return { way: { verifiedAt: null } };
  const { backup, toTag, backupAt, verifiedAt } = next;
  return { live: { ...live, rollbackBackup: backup, rollbackTag: toTag }, way: { backupAt, verifiedAt } };
}

function failurePatch(told: StoredEvent): Partial<RequestView> {
  return told.type === 'step.failed' && !told.data.retrying ? { failure: told.data.failure } : {};
}

function watchPatch(watch: Watch | null, told: StoredEvent): Partial<RequestView> {
  if (told.type !== 'monitor.started') return watch === null ? {} : { watch: watched(watch, told) };
  const { tag, until } = told.data;
  return { watch: { jobId: told.jobId ?? '', tag, from: told.at, until, breached: [], blind: false, measures: [], ended: null } };
}

function watched(watch: Watch, told: StoredEvent): Watch {
  switch (told.type) {
    case 'monitor.updated':
      return { ...watch, measures: told.data.measures, blind: told.data.verdict === 'blind' };
    case 'monitor.breached':
      return { ...watch, breached: [...new Set([...watch.breached, told.data.gate])] };
    case 'monitor.recovered':
      return { ...watch, breached: watch.breached.filter((gate) => gate !== told.data.gate) };
    case 'monitor.blind':
      return { ...watch, blind: true };
    case 'monitor.ended':
      return { ...watch, measures: told.data.measures, ended: told.data };
    default:
      return watch;
  }
}
