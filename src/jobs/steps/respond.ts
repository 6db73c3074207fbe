// What follows from a judgement of the watch. It is saved together with the look that found it.

import type { WatchEvent } from '../../checks/breach.ts';
import { activeSnooze, alertsOf, type IncidentKind, rank } from '../../core/alert.ts';
import type { NewEvent, RollbackOffer } from '../../core/event.ts';
import type { Job, StepContext } from '../../core/job.ts';
import type { Rule } from '../../core/rule.ts';
import type { Change } from '../../core/store.ts';
import { beginCountdown } from '../countdowns.ts';
import { type Alarm, type Ground, raiseAlarm } from '../ladder.ts';
import { tell, watchWindow } from '../outputs.ts';

export interface Response {
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

type Bad = Extract<WatchEvent, { kind: 'breached' | 'blind' | 'rule-met' }>;
type RuleMet = Extract<WatchEvent, { kind: 'rule-met' }>;

/** Asked at every look, also where nothing new was found: what waits may have come due. */
export async function respond(context: StepContext, found: readonly WatchEvent[], offer: RollbackOffer | null): Promise<Response> {
  if (found.length === 0) return { changes: [], events: [] };
  const { config, environment, job, ports, store } = context;
  const alerts = alertsOf(await store.eventsOf(job.requestId));
  const ground: Ground = {
    config,
    ids: ports.ids,
    alerts,
    requestId: job.requestId,
    environment: environment.name,
    now: ports.clock.now(),
  };
  const open = await store.jobs({ environment: environment.name, open: true });
  const bad = found.filter(isBad);
  const live = await store.liveDeployment(environment.name);
  const cameBack = live?.kind === 'rollback';

  const rule = bad.find((one): one is RuleMet => one.kind === 'rule-met' && one.mode === 'auto') ?? null;
  const counting = open.some(({ name }) => name === 'countdown');
  const against = rule === null ? null : whyNot(cameBack, offer);
  const begun =
    rule === null || counting
      ? null
      : against === null && offer !== null
        ? beginCountdown({ ...ground, rule: rule.rule, offer })
        : withheld(job, rule.rule, against ?? '');
  const worst = worstOf(bad, cameBack || against !== null);
  const deploymentId = live?.id ?? watchWindow.need(job).deploymentId;
  const raised = worst === null ? null : raiseAlarm(ground, { ...worst, rollback: offer, deploymentId, recovers: true });

  const woken = bad.length > 0 && activeSnooze(alerts, ground.now) !== null;
  const timers = open.filter(({ name, requestId }) => requestId === job.requestId && (name === 'countdown' || name === 'escalation'));
  return {
    changes: [
      ...(begun?.changes ?? []),
      ...(raised?.changes ?? []),
      ...timers.map(({ id }): Change => ({ kind: 'job.wake', jobId: id, at: ground.now })),
    ],
    // A snooze was meant for what was known when it was pressed.
    events: [
      ...(woken ? [tell(job, 'alert.snooze-ended', { why: bad.map(inWords).join('; ') })] : []),
      ...(begun?.events ?? []),
      ...(raised?.events ?? []),
    ],
  };
}

/** What speaks against rolling back without a person; null = nothing. */
function whyNot(cameBack: boolean, offer: RollbackOffer | null): string | null {
  if (cameBack) return 'what is live came back by a rollback: a second one is for people to decide';
  if (offer === null) return 'no backup is pinned to go back to';
  return offer.verifiedAt === null ? `the pinned backup ${offer.backup} is not verified` : null;
}

function withheld(job: Job, rule: Rule, why: string): Response {
  return { changes: [], events: [tell(job, 'rollback.withheld', { rule, why })] };
}

/** The gravest of what was found at this look; the others are told in the thread and join the same ladder. */
function worstOf(bad: readonly Bad[], emergency: boolean): Pick<Alarm, 'kind' | 'about' | 'media'> | null {
  const counted = bad.filter((one) => one.kind !== 'rule-met' || one.mode !== 'observe');
  const worst = counted.toSorted((a, b) => rank(kindOf(b)) - rank(kindOf(a)))[0];
  if (worst === undefined) return null;
  return { kind: emergency && worst.kind !== 'blind' ? 'emergency' : kindOf(worst), about: inWords(worst), media: isMedia(worst) };
}

function kindOf(one: Bad): IncidentKind {
  if (one.kind === 'blind') return 'blind';
  if (one.kind === 'rule-met') return 'rule';
  return ['health', 'version', 'service'].includes(one.gate) ? 'down' : 'breach';
}

function isMedia(one: Bad): boolean {
  return (one.kind === 'rule-met' ? one.rule : one.kind === 'breached' ? one.gate : one.source) === 'quality-gates';
}

function inWords(one: Bad): string {
  if (one.kind === 'breached') return `${one.gate} is ${one.value}, want ${one.threshold}`;
  if (one.kind === 'blind') return `the watch is blind: ${one.source} (${one.detail})`;
  return `rollback rule ${one.rule} is met: ${one.value}, limit ${one.threshold} (${one.detail})`;
}

function isBad(one: WatchEvent): one is Bad {
  return one.kind === 'breached' || one.kind === 'blind' || one.kind === 'rule-met';
}
