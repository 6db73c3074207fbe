// Small pieces of wording used by several templates.

import type { Evidence } from '../core/check.ts';
import type { People } from '../core/config.ts';
import type { Measure, RollbackOffer } from '../core/event.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import type { Action, Line, Span } from './message.ts';

/** "12:03 UTC 2026-11-23" for plain places such as dialogs, where no local time can be shown. */
export function utc(at: Instant): string {
  const text = formatUtc(at);
  return `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

export function evidenceLine({ check, result, at }: Evidence): Line {
  const word = result.kind === 'pass' ? 'pass' : result.kind;
  const hint = result.kind !== 'pass' && result.hint !== null ? ` - ${result.hint}` : '';
  return [{ strong: `${check}: ${word}` }, ` ${result.detail}${hint} (as of `, { time: at }, ')'];
}

export function measureLine({ label, value, threshold, state }: Measure): Line {
  const word = state === 'pass' ? 'ok' : state === 'fail' ? 'NOT OK' : 'not judged';
  return [{ strong: `${label}: ${value}` }, ` (want ${threshold}) ${word}`];
}

/** The one red button. It names what it leaves, what it goes to, and how good that is, before anybody presses it. */
export function rollbackAction(
  offer: RollbackOffer,
  environment: string,
  request: string,
  flags: readonly string[] = [],
  dataNote = 'Data is left as it is.',
): Action {
  const verified = offer.verifiedAt === null ? 'NOT verified' : `verified ${utc(offer.verifiedAt)}`;
  return {
    label: 'Rollback now',
    verb: 'rollback',
    style: 'danger',
    value: { request, expect: offer.deploymentId, environment, flags },
    confirm: {
      title: `Roll ${environment} back?`,
      text: `${offer.fromTag} -> ${offer.toTag}\nBackup of ${utc(offer.backupAt)}, ${verified}: ${offer.backup}\n${dataNote}`,
      yes: 'Roll back',
      no: 'Leave it',
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

/** The people who must look now. The only place that pings a group. */
export function ping(people: People): Line {
  const spans: Span[] = [];
  if (people.oncall !== null)
    spans.push(
      people.oncall.startsWith('S') ? { group: people.oncall, name: 'ops-oncall' } : { person: people.oncall, name: 'on-call' },
      ' ',
    );
  if (people.deployLead !== null)
    spans.push(
      people.deployLead.startsWith('S')
        ? { group: people.deployLead, name: 'deploy lead' }
        : { person: people.deployLead, name: 'deploy lead' },
    );
  return spans;
}
