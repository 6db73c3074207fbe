// One card per request: always the whole truth of the moment, drawn from the view.

import { formatBytes } from '../core/bytes.ts';
import { hinders } from '../core/check.ts';
import { assignSeats } from '../core/seats.ts';
import { formatDuration } from '../core/time.ts';
import { alertFacts } from './alert.ts';
import { commitLines } from './commits.ts';
import { type Action, type Fact, type Line, type Message, message, type Tone } from './message.ts';
import { cancelAction, evidenceLine, measureLine, rollbackAction, trafficPhrase, utc } from './phrases.ts';
import type { RequestView } from './view.ts';

export function card(view: RequestView): Message {
  const { tone, title } = headline(view);
  return message(tone, title, {
    facts: facts(view),
    lines: lines(view),
    steps: view.steps.map(({ title: name, state, note }) => ({ title: name, state, note })),
    progress: progress(view),
    tail: view.state === 'failed' ? (view.failure?.tail.slice(-12) ?? []) : [],
    actions: actions(view),
    footer: [`${view.id} - `, ...footer(view)],
  });
}

export function subject(view: RequestView): string {
  switch (view.kind) {
    case 'deploy':
      return `Deploy of ${view.tag ?? '?'} to ${view.environment}`;
    case 'rollback':
      return `Rollback of ${view.environment} to ${view.tag ?? '?'}`;
    case 'backup':
      return view.options['do'] === 'verify' ? `Check of backup ${view.options['file'] ?? ''}` : `Backup of ${view.environment}`;
    case 'smoke':
      return `Smoke tests of ${view.environment}`;
    case 'monitor':
      return `Watch of ${view.environment}`;
  }
}

function headline(view: RequestView): { readonly tone: Tone; readonly title: string } {
  const about = subject(view);
  const { watch } = view;
  switch (view.state) {
    case 'open':
      if (view.cancelAsked !== null) return { tone: 'warn', title: `${about}: stopping` };
      if (view.turnedBack) return { tone: 'bad', title: `${about}: going back` };
      if (watch !== null) return watchHeadline(view);
      if (view.approvals !== null && !view.approvals.filled) return { tone: 'waiting', title: `${about}: waiting for approvals` };
      return { tone: 'progress', title: `${about}: running` };
    case 'succeeded':
      return watch === null ? { tone: 'good', title: `${about}: done` } : watchHeadline(view);
    case 'failed':
      return { tone: 'bad', title: `${about}: failed` };
    default:
      return { tone: 'warn', title: `${about}: ${view.state}` };
  }
}

function watchHeadline(view: RequestView): { readonly tone: Tone; readonly title: string } {
  const { watch } = view;
  const about = subject(view);
  if (watch === null) return { tone: 'good', title: about };
  if (watch.ended !== null) {
    if (watch.ended.verdict === 'certified') return { tone: 'good', title: `${about}: officially successful` };
    return { tone: 'warn', title: watch.ended.verdict === 'superseded' ? `${about}: no longer live` : `${about}: not certified` };
  }
  if (watch.breached.length > 0)
    return { tone: 'bad', title: `${watch.tag} is live in ${view.environment}, and in breach: ${watch.breached.join(', ')}` };
  if (watch.blind) return { tone: 'warn', title: `${watch.tag} is live in ${view.environment}, and the watch is blind` };
  return { tone: 'good', title: `${watch.tag} is live in ${view.environment}, being watched` };
}

const BACKUP_LABELS = {
  deploy: 'Rollback target',
  rollback: 'Safety backup',
  backup: 'Backup',
  smoke: 'Backup',
  monitor: 'Backup',
} as const satisfies Record<RequestView['kind'], string>;

function facts(view: RequestView): readonly Fact[] {
  const { approvals, backup, traffic, live, watch, jobEnded } = view;
  const rows: (Fact | null)[] = [
    { label: 'Asked by', value: [view.by.name, ' at ', { time: view.at }] },
    view.commit === null ? null : { label: 'Commit', value: [{ code: view.commit.slice(0, 12) }] },
    view.kind === 'rollback' ? { label: 'From', value: [String(view.options['from'] ?? 'unknown')] } : null,
    view.kind === 'rollback' ? { label: 'Restored from', value: [{ code: String(view.options['backup'] ?? 'unknown') }] } : null,
    approvals === null ? null : { label: 'Approvals', value: seats(view) },
    backup === null ? null : { label: BACKUP_LABELS[view.kind], value: [{ code: backup.file }, ` ${formatBytes(backup.bytes)}`] },
    traffic === null ? null : { label: 'During the switch', value: [trafficPhrase(traffic)] },
    ...alertFacts(view),
    live === null ? null : { label: 'Live since', value: [{ time: live.at }] },
    watch === null || watch.ended !== null ? null : { label: 'Watched until', value: [{ time: watch.until }] },
    jobEnded === null ? null : { label: 'Took', value: [duration(view, jobEnded.durationMs)] },
  ];
  return rows.filter((row) => row !== null);
}

/** A rollback shows its clock against the promise. */
function duration(view: RequestView, ms: number): string {
  if (view.kind !== 'rollback') return formatDuration(ms);
  const emergency = view.options['emergency'] === true;
  return `${formatDuration(ms)} (promised: ${emergency ? '5' : '10'} minutes)`;
}

function seats({ approvals }: RequestView): Line {
  if (approvals === null) return [];
  const filled = assignSeats(
    approvals,
    approvals.given.map(({ person, ops }) => ({ id: person.id, ops })),
  );
  const names = approvals.given.map(({ person, ops }) => `${person.name}${ops ? ' (Ops/SRE)' : ''}`);
  const free = filled.filter(({ filledBy }) => filledBy === null);
  const ops = free.filter(({ wants }) => wants === 'ops').length;
  const missing =
    free.length === 0
      ? ''
      : ops > 0
        ? `; missing: ${ops} from Ops/SRE${free.length > ops ? `, ${free.length - ops} more` : ''}`
        : `; missing: ${free.length} more`;
  return [`${filled.length - free.length} of ${filled.length}${names.length > 0 ? `: ${names.join(', ')}` : ''}${missing}`];
}

function lines(view: RequestView): readonly Line[] {
  const { failure, watch } = view;
  const out: Line[] = [];
  if (view.state !== 'open' && view.state !== 'succeeded' && view.why !== null && failure === null) out.push([`Why: ${view.why}`]);
  if (failure !== null) {
    out.push([{ strong: 'What failed:' }, ' ', failure.message]);
    if (failure.hint !== null) out.push([{ strong: 'What to do:' }, ' ', failure.hint]);
  }
  const waiting = view.approvals !== null && !view.approvals.filled && view.state === 'open';
  if (waiting && view.commits !== null) out.push(...commitLines(view.commits));
  // Once the watch measures what is live, its values take the place of the checklist's.
  if (waiting || watch === null || view.evidence.some(hinders)) out.push(...view.evidence.map(evidenceLine));
  if (waiting)
    out.push(['Approvals count until ', { time: view.approvals.expiresAt }, ' and for exactly this commit, configuration and checklist.']);
  if (watch !== null && watch.ended?.verdict !== 'superseded') out.push(...watch.measures.map(measureLine));
  if (watch?.ended != null && watch.ended.verdict !== 'certified') out.push([`Why: ${watch.ended.why}`]);
  return out;
}

function progress(view: RequestView): Message['progress'] {
  const steps = view.steps.filter(({ direction }) => direction === (view.turnedBack ? 'back' : 'forward'));
  if (view.state !== 'open' || steps.length === 0 || view.kind === 'monitor') return null;
  const done = steps.filter(({ state }) => state === 'done').length;
  const left = steps.filter(({ state }) => state !== 'done').map(({ name }) => view.expected[name]);
  const known = left.filter((ms) => ms !== undefined);
  const waiting = steps.some(({ state }) => state === 'waiting');
  const etaAt = known.length === 0 || waiting || view.turnedBack ? null : view.lastAt + known.reduce((sum, ms) => sum + ms, 0);
  return { done: done / steps.length, etaAt };
}

function actions(view: RequestView): readonly Action[] {
  const { approvals, live, watch } = view;
  if (view.state === 'open' && approvals !== null && !approvals.filled && view.cancelAsked === null)
    return [approve(view, approvals.digest), reject(view), cancelAction(view.id, view.environment, subject(view))];
  if (view.state === 'open' && mayCancel(view)) return [cancelAction(view.id, view.environment, subject(view))];
  const offered =
    live !== null &&
    live.rollbackBackup !== null &&
    live.rollbackTag !== null &&
    view.state === 'succeeded' &&
    watch !== null &&
    watch.ended === null;
  if (!offered || live.rollbackBackup === null || live.rollbackTag === null) return [];
  const offer = {
    deploymentId: live.deploymentId,
    fromTag: live.tag,
    toTag: live.rollbackTag,
    backup: live.rollbackBackup,
    backupAt: view.backup?.at ?? live.at,
    verifiedAt: view.backup?.at ?? null,
    ...view.way,
  };
  return [rollbackAction(offer, view.environment, view.id, { now: view.lastAt })];
}

function mayCancel(view: RequestView): boolean {
  if (view.cancelAsked !== null || view.turnedBack) return false;
  const begun = view.steps.find(({ name, direction }) => name === 'switch' && direction === 'forward');
  return begun === undefined || begun.state === 'todo';
}

function approve(view: RequestView, digest: string): Action {
  const from = view.commit === null ? '' : ` at ${view.commit.slice(0, 12)}`;
  return {
    label: 'Approve',
    verb: 'approve',
    style: 'primary',
    value: { request: view.id, expect: digest, environment: view.environment },
    confirm: {
      title: 'Approve this deploy?',
      text: `${view.tag}${from} to ${view.environment}, asked for by ${view.by.name}. A verified backup is made first.${overridden(view)}`,
      yes: 'Approve',
      no: 'Not yet',
    },
  };
}

function overridden({ options }: RequestView): string {
  const reason = options['override'];
  return typeof reason === 'string' ? `\nIt was rolled back before; asked for again because: ${reason.slice(0, 120)}` : '';
}

function reject(view: RequestView): Action {
  // No dialog in front: pressing it opens the one that asks for the reason.
  return {
    label: 'Reject',
    verb: 'reject',
    style: 'danger',
    value: { request: view.id, expect: null, environment: view.environment },
    confirm: null,
  };
}

function footer(view: RequestView): Line {
  if (view.state === 'open') return [`/dhash status ${view.environment} - last news ${utc(view.lastAt)}`];
  if (view.report !== null) return [`report: ${view.report.markdown}`];
  return [`/dhash history ${view.environment}`];
}
