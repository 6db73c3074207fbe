// What an attempt's end does to the job: saved together with the events that tell of it.

import type { NewEvent } from '../core/event.ts';
import type { Job, Step, StepFailure, StepOutcome, Together } from '../core/job.ts';
import type { Lock } from '../core/lock.ts';
import { outputsBefore, position, stepAfter } from '../core/plan.ts';
import type { AttemptEnd } from './attempt.ts';
import type { Ride } from './ride.ts';

export type CarryEnd = 'ended' | 'waiting' | 'released';
/** `again` = run the same step once more; `next` = look at the job anew. */
export type Settled = 'again' | 'next' | CarryEnd;

const RETRY_FIRST_MS = 1_000;
const STEP_OVER = { inFlight: false, attempt: 0, stepStartedAt: null, checkpoint: null, waitReason: null, wakeAt: null } as const;

export async function settle(ride: Ride, step: Step, end: AttemptEnd): Promise<Settled> {
  switch (end.kind) {
    case 'done':
      return finishStep(ride, step, end);
    case 'wait':
      return wait(ride, step, end);
    case 'rewind':
      return rewind(ride, step, end);
    case 'finish': {
      const outputs = { ...ride.job().outputs, [step.name]: end.output };
      return (await save(ride, step, { ...STEP_OVER, outputs }, end, [])) ?? endJob(ride, end.as);
    }
    case 'failed':
      return failStep(ride, step, { ...end.failure, step: step.name }, end);
    case 'stopped':
      if (end.reason !== 'cancel') return 'released';
      await turnBack(ride, `canceled: ${ride.cancel()?.reason ?? 'by request'}`, null);
      return 'next';
  }
}

/** Starts the job's `back` list, whose first step finds the checkpoint of the one that was turned back from. With nothing to undo the list is empty and the job ends at once. */
export async function turnBack(ride: Ride, because: string, failure: StepFailure | null, together: Together = {}): Promise<void> {
  const turned: Job = { ...ride.job(), direction: 'back', failure };
  const first = stepAfter(ride.definition, turned, ride.environment, null);
  const told = first === null ? [] : [ride.tell('job.turned-back', { because, failure })];
  const { checkpoint } = ride.job();
  const next = { ...STEP_OVER, checkpoint, direction: 'back', failure, step: first?.name ?? null } as const;
  await ride.save(next, together.changes ?? [], [...(together.events ?? []), ...told]);
}

/** Ends the job and what hangs on it (request, lock, follow-up job) in one transaction. */
export async function endJob(ride: Ride, as: 'succeeded' | 'canceled' | null = null): Promise<CarryEnd> {
  const { clock, ids } = ride.worker.ports;
  for (;;) {
    const job = ride.job();
    const outcome = as ?? (job.direction === 'forward' ? 'succeeded' : job.failure === null ? 'canceled' : 'failed');
    const now = clock.now();
    const { changes, events } = await ride.definition.finish({
      job,
      outcome,
      config: ride.worker.config,
      store: ride.worker.store,
      now,
      ids,
    });
    const told = ride.tell('job.ended', { name: job.name, outcome, durationMs: now - (job.startedAt ?? now), failure: job.failure });
    const result = await ride.save({ ...STEP_OVER, step: null, state: outcome, finishedAt: now, owner: null, leaseUntil: null }, changes, [
      told,
      ...events,
    ]);
    if (result.kind === 'committed') return 'ended';
  }
}

async function finishStep(ride: Ride, step: Step, end: Extract<StepOutcome, { kind: 'done' }>): Promise<Settled> {
  const job = ride.job();
  const { clock } = ride.worker.ports;
  const { index, of } = position(ride.definition, job, ride.environment, step.name);
  const durationMs = clock.now() - (job.stepStartedAt ?? clock.now());
  const told = ride.tell('step.finished', { step: step.name, index, of, direction: job.direction, durationMs, note: end.note ?? null });
  const outputs = { ...job.outputs, [step.name]: end.output };
  const next = stepAfter(ride.definition, { ...job, outputs }, ride.environment, step.name);
  return (await save(ride, step, { ...STEP_OVER, outputs, step: next?.name ?? null }, end, [told])) ?? 'next';
}

async function wait(ride: Ride, step: Step, end: Extract<StepOutcome, { kind: 'wait' }>): Promise<Settled> {
  const told = ride.job().waitReason === end.why ? [] : [ride.tell('job.waiting', { step: step.name, until: end.until, why: end.why })];
  const next: Partial<Job> = { state: 'waiting', inFlight: false, owner: null, leaseUntil: null, wakeAt: end.until, waitReason: end.why };
  return (await save(ride, step, next, end, told)) ?? 'waiting';
}

async function rewind(ride: Ride, step: Step, end: Extract<StepOutcome, { kind: 'rewind' }>): Promise<Settled> {
  const outputs = outputsBefore(ride.definition, ride.job(), end.to);
  return (
    (await save(ride, step, { ...STEP_OVER, step: end.to, outputs }, end, [ride.tell('step.rewound', { step: step.name, to: end.to })])) ??
    'next'
  );
}

/** Retries with a doubling pause; then turns back, or ends where even going back failed. What follows is saved with the failure, so that it is told once. */
async function failStep(ride: Ride, step: Step, failure: StepFailure, together: Together): Promise<Settled> {
  const { attempt, direction } = ride.job();
  const retrying = attempt < step.attempts;
  const changes = together.changes ?? [];
  const events = [...(together.events ?? []), ride.tell('step.failed', { direction, attempt, failure, retrying })];
  if (retrying) {
    await ride.save({ attempt: attempt + 1 }, changes, events);
    await ride.worker.ports.clock.sleep(RETRY_FIRST_MS * 2 ** (attempt - 1), ride.stop.signal);
    return 'again';
  }
  if (direction === 'back') await ride.save({ ...STEP_OVER, step: null, failure }, changes, events);
  else await turnBack(ride, failure.message, failure, { changes, events });
  return 'next';
}

/** null = saved. A request that somebody changed meanwhile is read and judged again by the step itself; a lock that is taken is a failure. */
async function save(ride: Ride, step: Step, next: Partial<Job>, together: Together, told: readonly NewEvent[]): Promise<Settled | null> {
  const result = await ride.save(next, together.changes ?? [], [...(together.events ?? []), ...told]);
  if (result.kind === 'committed') return null;
  if (result.kind === 'stale') return 'again';
  return failStep(ride, step, { step: step.name, ...lockedFailure(result.lock) }, {});
}

function lockedFailure(lock: Lock): Omit<StepFailure, 'step'> {
  return {
    code: 'environment-locked',
    message: `${lock.environment} is held by ${lock.by.name}: ${lock.reason}`,
    hint: `Wait for it, or ask ${lock.by.name}; then try again.`,
    tail: [],
  };
}
