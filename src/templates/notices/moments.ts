// Which notices an event gives rise to. Most events give none: the thread tells those.

import type { EventType, StoredEvent } from '../../core/event.ts';
import type { RequestView } from '../view.ts';
import { announcement } from './announcement.ts';
import { escalation } from './escalation.ts';
import { updatesOf } from './facts.ts';
import { finalReport } from './final.ts';
import { halfway } from './halfway.ts';
import { issue } from './issue.ts';
import type { AnyNotice, NoticeContext } from './notice.ts';
import { progress } from './progress.ts';
import { rollbackDone } from './rollback.ts';
import { success } from './success.ts';
import { troubleOf } from './trouble.ts';

/** Events that may give rise to one: the others need not be looked at. */
const MOMENTS: ReadonlySet<EventType> = new Set<EventType>([
  'approvals.filled',
  'checklist.judged',
  'step.finished',
  'request.ended',
  'monitor.breached',
  'monitor.blind',
  'monitor.rule-met',
  'monitor.updated',
  'monitor.ended',
  'service.restarted',
  'escalation.started',
]);

export function isMoment(told: StoredEvent): boolean {
  return MOMENTS.has(told.type);
}

export function noticesOf(context: NoticeContext): readonly AnyNotice[] {
  const { told, story, view, site } = context;
  const trouble = troubleOf(told, view);
  if (trouble !== null) return [issue(context, trouble)];
  switch (told.type) {
    case 'escalation.started':
      return told.data.severity === 'critical' ? [escalation({ ...context, told })] : [];
    case 'approvals.filled':
      return view.kind === 'deploy' ? [announcement(context)] : [];
    case 'checklist.judged':
      // Where nobody is asked, a passed checklist is what lets it begin.
      return told.data.passed && view.kind === 'deploy' && site.environments[view.environment]?.approvals.required === 0
        ? [announcement(context)]
        : [];
    case 'step.finished':
      return moves(view) && !(told.jobId !== null && view.sideJobs.includes(told.jobId)) ? [progress(context)] : [];
    case 'request.ended':
      if (told.data.state !== 'succeeded') return [];
      if (view.kind === 'deploy') return [success(context)];
      return view.kind === 'rollback' ? [rollbackDone(context)] : [];
    case 'monitor.updated':
      return isHalfway(told, story) ? [halfway({ ...context, told })] : [];
    case 'monitor.ended':
      return told.data.verdict === 'superseded' ? [] : [finalReport({ ...context, told })];
    default:
      return [];
  }
}

function moves({ kind }: RequestView): boolean {
  return kind === 'deploy' || kind === 'rollback';
}

/** The first summary at or after the middle of its watch. */
function isHalfway(told: Extract<StoredEvent, { type: 'monitor.updated' }>, story: readonly StoredEvent[]): boolean {
  const past = ({ data }: typeof told) => data.offsetMs >= data.remainingMs;
  if (!past(told)) return false;
  return !updatesOf(story).some((other) => other.seq < told.seq && other.jobId === told.jobId && past(other));
}
