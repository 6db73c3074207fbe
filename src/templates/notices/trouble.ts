// What went wrong, read out of the event that told of it: the base of the issue alert, the escalation and the page.

import type { EventMap, StoredEvent } from '../../core/event.ts';
import { subject } from '../card.ts';
import { trafficPhrase, utc } from '../phrases.ts';
import type { RequestView } from '../view.ts';
import { isStuck, wentBack } from '../view-steps.ts';
import { impactFact } from './facts.ts';
import { NOT_KNOWN } from './notice.ts';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

export interface Trouble {
  readonly title: string;
  readonly what: string;
  readonly severity: Severity;
  readonly status: string;
  readonly impact: string;
  readonly actions: string;
  readonly nextSteps: string;
  readonly eta: string;
  readonly rollback: string;
  readonly tail: readonly string[];
}

/** null = this event is no trouble. */
export function troubleOf(told: StoredEvent, view: RequestView): Trouble | null {
  switch (told.type) {
    case 'monitor.breached':
      return breach(told.data, view);
    case 'monitor.rule-met':
      return ruleMet(told.data, view);
    case 'monitor.blind':
      return blind(told.data, view);
    case 'service.restarted':
      return told.data.ok ? null : gone(told.data, view);
    case 'request.ended':
      return told.data.state === 'failed' ? failed(told.data.why, view) : null;
    default:
      return null;
  }
}

function breach(data: EventMap['monitor.breached'], view: RequestView): Trouble {
  const { gate, value, threshold, failures, rollback } = data;
  const verified = rollback === null || rollback.verifiedAt === null ? 'NOT verified' : `verified ${utc(rollback.verifiedAt)}`;
  const measure = { gate, label: gate, value, threshold, state: 'fail' as const };
  return {
    title: `Breach in ${view.environment}: ${gate} is ${value}, want ${threshold}`,
    what: `${gate} is ${value}, want ${threshold}; ${failures} checks in a row failed`,
    severity: ['health', 'version', 'service'].includes(gate) ? 'critical' : 'high',
    status: `${view.watch?.tag ?? view.tag ?? NOT_KNOWN} is live and in breach`,
    impact: impactFact([measure]),
    actions: 'measured and told; nothing was changed',
    nextSteps:
      rollback === null ? 'no backup is pinned to go back to: choose one' : `decide: acknowledge, or roll back to ${rollback.toTag}`,
    eta: rollback === null ? NOT_KNOWN : 'a rollback takes at most 10 minutes, 5 as an emergency',
    rollback: rollback === null ? 'no: no backup is pinned' : `yes: to ${rollback.toTag} from ${rollback.backup}, ${verified}`,
    tail: [],
  };
}

function ruleMet({ rule, value, threshold, detail, mode, rollback }: EventMap['monitor.rule-met'], view: RequestView): Trouble {
  const based = breach({ gate: rule, value, threshold, failures: 0, rollback }, view);
  const decided = { observe: 'only told: this rule observes', ask: 'asked: the decision is open', auto: 'the bot rolls back by itself' };
  return {
    ...based,
    title: `Rollback rule met in ${view.environment}: ${rule} is ${value}`,
    what: `${rule} is ${value}, limit ${threshold}: ${detail}`,
    severity: mode === 'observe' ? 'medium' : 'critical',
    actions: decided[mode],
  };
}

function blind({ source, checks, detail }: { source: string; checks: number; detail: string }, view: RequestView): Trouble {
  return {
    title: `The watch of ${view.environment} is blind: ${source}`,
    what: `${source} could not be seen ${checks} times in a row: ${detail}`,
    severity: 'high',
    status: `${view.watch?.tag ?? view.tag ?? NOT_KNOWN} is live and cannot be judged`,
    impact: NOT_KNOWN,
    actions: 'asked again at every check; nothing is certified meanwhile',
    nextSteps: `look at ${source} of ${view.environment}`,
    eta: NOT_KNOWN,
    rollback: offered(view),
    tail: [],
  };
}

function gone({ slot, tag, detail }: { slot: string; tag: string; detail: string }, view: RequestView): Trouble {
  return {
    title: `The service in ${slot} (${tag}) is gone and does not start`,
    what: detail,
    severity: 'critical',
    status: `${tag} is down in ${view.environment}`,
    impact: 'users get no answer',
    actions: 'it was started again, without success; that is tried further',
    nextSteps: `look at the log of the service, or roll back: /dhash rollback ${view.environment}`,
    eta: NOT_KNOWN,
    rollback: offered(view),
    tail: [],
  };
}

function failed(why: string, view: RequestView): Trouble {
  const stuck = isStuck(view);
  const moved = view.kind === 'deploy' || view.kind === 'rollback';
  const severity = stuck || view.kind === 'rollback' ? 'critical' : view.turnedBack ? 'high' : 'medium';
  const place = stuck
    ? `going back failed as well: look at ${view.environment} now`
    : wentBack(view)
      ? `${view.environment} is back on the version before it`
      : `${view.environment} was not touched`;
  return {
    title: `${subject(view)} failed`,
    what: why,
    severity,
    status: place,
    impact: stuck || (view.kind === 'rollback' && !view.turnedBack) ? NOT_KNOWN : trafficImpact(view, moved),
    actions: wentBack(view) ? 'the bot went back by itself' : view.turnedBack ? 'the bot undid what it had begun' : 'the bot stopped there',
    nextSteps: view.failure?.hint ?? `look at /dhash status ${view.environment}`,
    eta: NOT_KNOWN,
    rollback: offered(view),
    tail: view.failure?.tail.slice(-12) ?? [],
  };
}

function trafficImpact({ traffic }: RequestView, moved: boolean): string {
  if (!moved || traffic === null) return 'none seen: no traffic was moved';
  return `${trafficPhrase(traffic)} while traffic moved`;
}

function offered({ live, backup }: RequestView): string {
  if (live?.rollbackBackup != null && live.rollbackTag !== null) return `yes: to ${live.rollbackTag} from ${live.rollbackBackup}`;
  return backup === null ? 'not known to this request' : `yes: from ${backup.file}`;
}
