import type { Job, JobName } from '../core/job.ts';
import type { Json } from '../core/json.ts';
import type { Instant } from '../core/time.ts';

/** A queued job, nothing done yet. */
export function newJob(of: {
  readonly id: string;
  readonly name: JobName;
  readonly requestId: string;
  readonly environment: string;
  readonly input: Json;
  readonly now: Instant;
}): Job {
  const { now, ...rest } = of;
  return {
    ...rest,
    state: 'queued',
    direction: 'forward',
    step: null,
    attempt: 0,
    stepStartedAt: null,
    inFlight: false,
    outputs: {},
    checkpoint: null,
    failure: null,
    cancel: null,
    owner: null,
    leaseUntil: null,
    wakeAt: null,
    waitReason: null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    version: 1,
  };
}
