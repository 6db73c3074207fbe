// Small pieces of wording used by several templates.

import type { Evidence } from '../core/check.ts';
import type { EventMap, Measure, RollbackOffer } from '../core/event.ts';
import type { StepFailure } from '../core/job.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import type { Action, Line } from './message.ts';

/** "12:03 UTC 2026-11-23" for plain places such as dialogs, where no local time can be shown. */
export function utc(at: Instant): string {
  const text = formatUtc(at);
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

export function evidenceLine({ check, result, at }: Evidence): Line {
  const word = result.kind === 'skip' ? 'does not apply' : result.kind;
  const hint = 'hint' in result && result.hint !== null ? ` - ${result.hint}` : '';
  return [{ strong: `${check}: ${word}` }, ` ${result.detail}${hint} (as of `, { time: at }, ')'];
}

export function measureLine({ label, value, threshold, state }: Measure): Line {
  const word = state === 'pass' ? 'ok' : state === 'fail' ? 'NOT OK' : 'not judged';
  return [{ strong: `${label}: ${value}` }, ` (want ${threshold}) ${word}`];
}

/** What failed while the traffic moved; and, where something did, what failed before the switch and after the new version was proven: those are no fault of the switch. */
export function trafficPhrase({ total, failed, phases }: Pick<EventMap['traffic.measured'], 'total' | 'failed' | 'phases'>): string {
  if (phases === undefined) return `${failed} of ${total} requests failed`;
  const { before, during, after } = phases;
  const beside = [
    ...(before.failed > 0 ? [`${before.failed} of ${before.total} before`] : []),
    ...(after.failed > 0 ? [`${after.failed} of ${after.total} after`] : []),
  ];
  return `${during.failed} of ${during.total} requests failed${beside.length === 0 ? '' : ` (${beside.join(', ')})`}`;
}

/** How much is over, 0..1. */
export function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * 10);
  return `${'█'.repeat(full)}${'░'.repeat(10 - full)}`;
}

/** The one red button. It names what it leaves, what it goes to, and how good that is, before anybody presses it. */
export function rollbackAction(
  offer: RollbackOffer,
  environment: string,
  request: string,
  more: {
    readonly label?: 'Rollback now' | 'Roll back now';
    readonly flags?: readonly string[];
    readonly dataNote?: string;
    /** For the age of the backup; null = not told. */
    readonly now: Instant | null;
  },
): Action {
  const age = more.now === null ? null : formatDuration(Math.max(0, more.now - offer.backupAt));
  const verified = offer.verifiedAt === null ? 'NOT verified' : `verified ${utc(offer.verifiedAt)}`;
  const data = more.dataNote ?? `Data is left as it is${age === null ? '.' : `: what was written in the ${age} since stays.`}`;
  const takes = offer.estimateMs == null ? 'Promised within 10 minutes.' : `Takes about ${formatDuration(offer.estimateMs)}.`;
  return {
    label: more.label ?? 'Rollback now',
    verb: 'rollback',
    style: 'danger',
    // What was shown travels with the click: another backup by then is another decision.
    value: { request, expect: offer.deploymentId, environment, flags: [...(more.flags ?? []), `--shown=${offer.backup}`] },
    confirm: {
      title: `Roll ${environment} back?`,
      text: `${offer.fromTag} -> ${offer.toTag}\nBackup of ${utc(offer.backupAt)}${age === null ? '' : ` (${age} old)`}, ${verified}: ${offer.backup}\n${data}\n${takes}`,
      yes: 'Roll back',
      no: 'Leave it',
    },
  };
}

/** `about`: the gate or the incident; null = whatever alarms there. */
export function ackAction(request: string, environment: string, about: string | null): Action {
  return { label: 'Acknowledge', verb: 'ack', style: 'plain', value: { request, expect: about, environment }, confirm: null };
}

export function snoozeAction(request: string, environment: string): Action {
  return {
    label: 'Snooze 10 min',
    verb: 'snooze',
    style: 'plain',
    value: { request, expect: null, environment },
    confirm: {
      title: 'Hold it for 10 minutes?',
      text: `Nobody is called and nothing rolls back in ${environment} by itself for 10 minutes, unless something else goes wrong.`,
      yes: 'Snooze',
      no: 'Go on',
    },
  };
}

/** Cancel under a countdown. */
export function stopAction(request: string, environment: string, countdown: string, fromTag: string): Action {
  return {
    label: 'Cancel',
    verb: 'cancel',
    style: 'plain',
    value: { request, expect: countdown, environment },
    confirm: {
      title: 'Stop the rollback?',
      text: `${fromTag} stays live in ${environment}. It is rolled back only if somebody says so, or another rule is met.`,
      yes: 'Stop it',
      no: 'Go on',
    },
  };
}

export function cancelAction(request: string, environment: string, what: string): Action {
  return {
    label: 'Cancel',
    verb: 'cancel',
    style: 'plain',
    value: { request, expect: null, environment },
    confirm: {
      title: 'Cancel it?',
      text: `${what} stops, and what was begun is undone. The live version stays as it is.`,
      yes: 'Cancel it',
      no: 'Go on',
    },
  };
}

/** "T+0", "T+30m": how people call the moments of a watch. */
export function tPlus(offsetMs: number): string {
  return offsetMs === 0 ? 'T+0' : `T+${formatDuration(offsetMs)}`;
}

/** What a failed step says, what to do, and where everything it printed can be read. */
export function failureLines(request: string, { step, message, hint, tail }: StepFailure): readonly Line[] {
  const told: Line[] = [[message]];
  if (hint !== null) told.push([{ strong: 'What to do:' }, ' ', hint]);
  if (tail.length > 0) told.push(['Everything it printed: ', { code: `bin/dhash log ${request} ${step}` }]);
  return told;
}
