// An automatic rollback that people can still stop. It fires once: its end and the rollback's request are one transaction.

import { activeSnooze, alertsOf, type Countdown } from '../core/alert.ts';
import type { EventMap } from '../core/event.ts';
import type { Job, JobDefinition, Step, StepContext, StepOutcome } from '../core/job.ts';
import type { Request } from '../core/request.ts';
import { takeTurn } from './countdowns.ts';
import { expectedDurations } from './expected.ts';
import { goBackOpening, ruleActor } from './go-back.ts';
import { countdownInput } from './inputs.ts';
import { rollbackOffer } from './offer.ts';
import { openingOf } from './opening.ts';
import { tell } from './outputs.ts';
import { requestOf } from './request-of.ts';

const count: Step = {
  name: 'count',
  title: 'Count down to the rollback',
  timeoutMs: 30_000,
  attempts: 3,
  afterCrash: 'rerun',
  run: async (context) => {
    const { job, environment, ports, store } = context;
    const request = await requestOf(store, job);
    const alerts = alertsOf(await store.eventsOf(job.requestId));
    const counting = alerts.countdowns.find(({ jobId }) => jobId === job.id);
    if (counting === undefined || counting.ended !== null) return { kind: 'finish', as: 'succeeded', output: null };
    if (await isOvertaken(context)) return end(job, request, 'superseded', null);
    const now = ports.clock.now();
    const snooze = activeSnooze(alerts, now);
    if (snooze !== null) return { kind: 'wait', until: snooze.until, why: `snoozed by ${snooze.by}` };
    const slept = alerts.snoozes.findLast(({ from }) => from >= counting.countedAt);
    if (slept !== undefined) {
      if (!alerts.bad.includes(`rule:${counting.rule}`)) return end(job, request, 'snoozed', slept.by);
      return again(job, request, counting, now + environment.rollback.countdown);
    }
    if (now < counting.until) return { kind: 'wait', until: counting.until, why: `counts down to a rollback to ${counting.offer.toTag}` };
    return fire(context, request, counting);
  },
};

export const countdown: JobDefinition = {
  name: 'countdown',
  steps: [count],
  back: [],
  pointOfNoCancel: null,
  finish: async () => ({ changes: [], events: [] }),
};

/** Another version is live, or a rollback is on its way: there is nothing left to count down to. */
async function isOvertaken({ job, store }: StepContext): Promise<boolean> {
  const live = await store.liveDeployment(job.environment);
  if (live?.id !== countdownInput(job).deploymentId) return true;
  return (await store.jobs({ environment: job.environment, open: true })).some(({ name }) => name === 'rollback');
}

function end(job: Job, request: Request, how: EventMap['rollback.countdown-ended']['how'], by: string | null): StepOutcome {
  const told = tell(job, 'rollback.countdown-ended', { how, rule: countdownInput(job).rule, by, requestId: null });
  return { kind: 'done', output: { how }, changes: [takeTurn(request)], events: [told] };
}

/** After a snooze people get the whole countdown again, so that nothing happens by surprise. */
function again(job: Job, request: Request, { rule, offer }: Countdown, until: number): StepOutcome {
  const why = `counts down to a rollback to ${offer.toTag}`;
  return { kind: 'wait', until, why, changes: [takeTurn(request)], events: [tell(job, 'rollback.counting', { until, rule, offer })] };
}

async function fire({ job, ports, store }: StepContext, request: Request, { rule }: Countdown): Promise<StepOutcome> {
  const { environment, requestId } = job;
  const offer = await rollbackOffer(store, environment);
  if (offer === null) {
    const withheld = tell(job, 'rollback.withheld', { rule, why: 'the backup it would go back to is not known any more' });
    const over = end(job, request, 'superseded', null);
    return { ...over, events: [withheld, ...(over.events ?? [])] };
  }
  const now = ports.clock.now();
  const actor = ruleActor(rule);
  // The lock first: a rollback that somebody begins after this look makes it stale, one begun before stands among the open jobs.
  const lock = await store.lock(environment);
  const open = await store.jobs({ environment, open: true });
  if (open.some(({ name }) => name === 'rollback')) return end(job, request, 'superseded', null);
  const live = await store.liveDeployment(environment);
  const expected = await expectedDurations(store, environment, 'rollback');
  const going = { actor, environment, offer, live, lock, open, emergency: false, withData: false, monitor: true, parentId: requestId, now };
  const opened = openingOf(goBackOpening(going), { actor, dedupeKey: `countdown:${job.id}`, now, ids: ports.ids, expected });
  const told = tell(job, 'rollback.countdown-ended', { how: 'fired', rule, by: null, requestId: opened.request.id });
  return {
    kind: 'done',
    output: { how: 'fired', request: opened.request.id },
    changes: [takeTurn(request), ...opened.changes],
    events: [told, ...opened.events],
  };
}
