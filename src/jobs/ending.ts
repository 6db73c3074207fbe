// What ends together with a job, in one transaction: its request, its lock, and the watch that follows.

import { event, type NewEvent } from '../core/event.ts';
import type { EndedJob, Job } from '../core/job.ts';
import type { RequestState } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import type { MonitorInput } from './inputs.ts';
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
  return {
    changes: [
      ...(request.state === 'open'
        ? [{ kind: 'request.update' as const, request: { ...request, state, version: request.version + 1 } }]
        : []),
      { kind: 'lock.release', environment: job.environment, holder: request.id },
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
  const queued = event({ environment: job.environment, requestId: job.requestId, jobId: next.id, actor: null }, 'job.queued', {
    name: 'monitor',
  });
  return { changes: [...end.changes, { kind: 'job.create', job: next }], events: [...end.events, queued] };
}

function deploymentId(job: Job): string {
  return `live-${job.id}`;
}
