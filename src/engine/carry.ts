// Carries one claimed job from where it stands to its end, to a wait, or to where this worker has to let go.

import type { Step, StepContext, StepOutcome } from '../core/job.ts';
import { mayCancel, plan, position, stepAfter } from '../core/plan.ts';
import { type AttemptEnd, runAttempt } from './attempt.ts';
import { fencedPorts } from './fenced-ports.ts';
import { liveOutput } from './live-output.ts';
import type { Ride } from './ride.ts';
import { type CarryEnd, endJob, type Settled, settle, turnBack } from './settle.ts';

export async function carry(ride: Ride): Promise<CarryEnd> {
  await begin(ride);
  for (;;) {
    if (ride.stop.signal.reason === 'drain') return 'released';
    const cancel = ride.cancel();
    if (cancel !== null && mayCancel(ride.definition, ride.job(), cancel.force)) {
      await turnBack(ride, `canceled: ${cancel.reason}`, null);
      continue;
    }
    const step = currentStep(ride);
    if (step === null) return endJob(ride);
    const result = await oneStep(ride, step);
    if (result !== 'next') return result;
  }
}

/** First claim: the plan is made and told. Later ones: the journal says where we are. */
async function begin(ride: Ride): Promise<void> {
  const job = ride.job();
  if (job.startedAt === null) {
    const first = stepAfter(ride.definition, job, ride.environment, null);
    const steps = plan(ride.definition, job, ride.environment).map(({ name, title }) => ({ name, title }));
    await ride.save(
      { startedAt: ride.worker.ports.clock.now(), step: first?.name ?? null },
      [],
      [ride.tell('job.started', { name: job.name, steps })],
    );
    return;
  }
  if (job.inFlight) {
    // What a dead worker left running must not go on beside us.
    await ride.worker.ports.commands.fence(job.id);
    return;
  }
  if (job.waitReason === null && job.step !== null)
    await ride.save({}, [], [ride.tell('job.resumed', { step: job.step, found: 'not-started' })]);
}

function currentStep(ride: Ride): Step | null {
  const { step, direction } = ride.job();
  const list = direction === 'forward' ? ride.definition.steps : ride.definition.back;
  return list.find(({ name }) => name === step) ?? null;
}

async function oneStep(ride: Ride, step: Step): Promise<'next' | CarryEnd> {
  if (ride.job().inFlight) {
    const found = await lookAtHost(ride, step);
    if (found !== 'again') return found;
  } else {
    await startStep(ride, step);
  }
  for (;;) {
    const settled = await settle(ride, step, await attempt(ride, step, 'run'));
    if (settled !== 'again') return settled;
  }
}

async function startStep(ride: Ride, step: Step): Promise<void> {
  const job = ride.job();
  const again = job.waitReason !== null && job.attempt > 0;
  const attemptNumber = again ? job.attempt : job.attempt + 1;
  const { index, of } = position(ride.definition, job, ride.environment, step.name);
  const told = ride.tell('step.started', {
    step: step.name,
    title: step.title,
    index,
    of,
    direction: job.direction,
    attempt: attemptNumber,
  });
  const stepStartedAt = job.stepStartedAt ?? ride.worker.ports.clock.now();
  await ride.save({ inFlight: true, attempt: attemptNumber, stepStartedAt }, [], again ? [] : [told]);
}

/** The step was in flight when its worker died. `again` = it has to be run (once more). */
async function lookAtHost(ride: Ride, step: Step): Promise<Settled> {
  const resumed = (found: 'rerun' | 'done' | 'again') => ride.tell('job.resumed', { step: step.name, found });
  if (step.afterCrash === 'rerun') {
    await ride.save({}, [], [resumed('rerun')]);
    return 'again';
  }
  const found = await attempt(ride, step, 'reconcile');
  if (found.kind === 'done') return settle(ride, step, { ...found, events: [resumed('done'), ...(found.events ?? [])] });
  if (found.kind !== 'rewind') return settle(ride, step, found);
  await ride.save({}, [], [resumed('again')]);
  return 'again';
}

async function attempt(ride: Ride, step: Step, what: 'run' | 'reconcile'): Promise<AttemptEnd> {
  const { ports, config, store } = ride.worker;
  const job = ride.job();
  const live = liveOutput(ride);
  const end = await runAttempt({
    name: step.title,
    timeoutMs: typeof step.timeoutMs === 'number' ? step.timeoutMs : step.timeoutMs(ride.environment),
    clock: ports.clock,
    stop: ride.stop.signal,
    writeLog: live.line,
    run: async ({ signal, log }): Promise<StepOutcome> => {
      const context: StepContext = {
        job,
        environment: ride.environment,
        config,
        ports: fencedPorts(ports, ride.assertOurs),
        store,
        signal,
        startedAt: job.stepStartedAt ?? ports.clock.now(),
        log,
        checkpoint: async (checkpoint, more) => {
          await ride.save({ checkpoint }, more?.changes ?? [], more?.events ?? []);
        },
      };
      if (what === 'run') return step.run(context);
      const found = step.afterCrash === 'reconcile' ? await step.reconcile(context) : { kind: 'again' as const };
      return found.kind === 'done' ? found : { kind: 'rewind', to: step.name };
    },
  });
  await live.end();
  return end;
}
