// What ends together with a job, in one transaction: its request, its lock, and the watch that follows.

import { alertsOf } from '../core/alert.ts';
import { event, type NewEvent } from '../core/event.ts';
import type { EndedJob, Job } from '../core/job.ts';
import type { RequestState } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import type { ArmInput, MonitorInput } from './inputs.ts';
import { type Alarm, raiseAlarm } from './ladder.ts';
import { newJob } from './new-job.ts';
import { before, tell } from './outputs.ts';
import { requestOf } from './request-of.ts';

export interface Ending {
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

/** The request takes the job's outcome (unless it was rejected or expired before), and the environment is free again. */
export async function endRequest({ job, outcome, store, now }: EndedJob): Promise<Ending> {
  const request = await requestOf(store, job);
  const state: Exclude<RequestState, 'open'> = request.state === 'open' ? outcome : request.state;
  const why = job.failure?.message ?? job.cancel?.reason ?? outcome;
  const held = await store.lock(job.environment);
  const ours = held?.holder === request.id;
  // What is live may be another one now: calls and countdowns about the one before end at once.
  const moved = job.name === 'deploy' || job.name === 'rollback' ? await store.jobs({ environment: job.environment, open: true }) : [];
  const timers = moved.filter(({ name }) => name === 'countdown' || name === 'escalation');
  return {
    changes: [
      ...(request.state === 'open'
        ? [{ kind: 'request.update' as const, request: { ...request, state, version: request.version + 1 } }]
        : []),
      { kind: 'lock.release', environment: job.environment, holder: request.id },
      ...timers.map(({ id }): Change => ({ kind: 'job.wake', jobId: id, at: now })),
    ],
    events: [
      ...(ours ? [tell(job, 'lock.released', { reason: held.reason, heldMs: now - held.since })] : []),
      tell(job, 'request.ended', { state, why }),
    ],
  };
}

/** Adds the watch of what just went live to the ending. It belongs to the same request: one story, one thread. */
export function watchAfter(ended: EndedJob, end: Ending, watch: Pick<MonitorInput, 'after'> & { readonly tag: string }): Ending {
  const { job, config, now, ids } = ended;
  const environment = config.environments[job.environment];
  if (environment === undefined) return end;
  const durationMs = watch.after === 'deploy' ? environment.monitor.duration : environment.monitor.afterRollback;
  const input: MonitorInput = { durationMs, deploymentId: deploymentId(job), tag: watch.tag, after: watch.after, before: before.find(job) };
  const next = newJob({ id: ids.next('j'), name: 'monitor', requestId: job.requestId, environment: job.environment, input, now });
  const looks: ArmInput = { deploymentId: deploymentId(job), at: [now, now + Math.round(durationMs / 2)] };
  const arm = newJob({ id: ids.next('j'), name: 'arm', requestId: job.requestId, environment: job.environment, input: looks, now });
  const queued = [next, arm].map(({ id, name }) =>
    event({ environment: job.environment, requestId: job.requestId, jobId: id, actor: null }, 'job.queued', { name }),
  );
  return {
    changes: [...end.changes, { kind: 'job.create', job: next }, { kind: 'job.create', job: arm }],
    events: [...end.events, ...queued],
  };
}

/** Adds a call for people to the ending: for what a person must have seen, however it came about. */
export async function alarmAfter(ended: EndedJob, end: Ending, alarm: Pick<Alarm, 'kind' | 'about'>): Promise<Ending> {
  const { job, config, store, now, ids, outcome } = ended;
  const alerts = alertsOf(await store.eventsOf(job.requestId));
  const ground = { config, ids, alerts, requestId: job.requestId, environment: job.environment, now };
  const live = outcome === 'succeeded' ? deploymentId(job) : ((await store.liveDeployment(job.environment))?.id ?? null);
  const raised = raiseAlarm(ground, { ...alarm, media: false, rollback: null, deploymentId: live, recovers: false });
  return { changes: [...end.changes, ...raised.changes], events: [...end.events, ...raised.events] };
}

function deploymentId(job: Job): string {
  return `live-${job.id}`;
}
