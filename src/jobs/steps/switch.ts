// The switch and what proves it: the public port is asked from before it until the old slot is gone.

import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { NewEvent } from '../../core/event.ts';
import type { Job, Step, StepContext } from '../../core/job.ts';
import type { Ports } from '../../core/ports.ts';
import type { StoreReader } from '../../core/store.ts';
import { ground, incoming, tell } from '../outputs.ts';

/** So many answers in a row from the public port prove the version. */
const PROOFS = 3;
const PROOF_PAUSE_MS = 100;
const OBSERVE_MS = 15_000;
/** The prober's head start: some answers from before the switch belong into the count. */
const HEAD_START_MS = 300;

export const switchTraffic: Step = {
  name: 'switch',
  title: 'Switch the proxy',
  timeoutMs: 60_000,
  attempts: 1,
  afterCrash: 'reconcile',
  run: async (context) => {
    const { job, environment, ports } = context;
    const { targetSlot, activeSlot } = ground.need(job);
    if (activeSlot !== null) {
      ports.traffic.startProbe(environment, job.id);
      await ports.clock.sleep(HEAD_START_MS, context.signal);
      ports.traffic.markProbe(job.id, 'during');
    }
    await ports.traffic.switchTo(environment, targetSlot);
    return switched(context);
  },
  reconcile: async (context) => {
    const { job, environment, ports } = context;
    const { targetSlot, activeSlot } = ground.need(job);
    if ((await ports.traffic.active(environment)) !== targetSlot) return { kind: 'again' };
    if (activeSlot !== null) ports.traffic.startProbe(environment, job.id);
    ports.traffic.markProbe(job.id, 'during');
    return switched(context);
  },
};

function switched({ job }: StepContext) {
  const { targetSlot, activeSlot, liveTag } = ground.need(job);
  const { tag } = incoming.need(job);
  const told = tell(job, 'traffic.switched', { from: activeSlot, to: targetSlot, fromTag: liveTag, toTag: tag });
  return { kind: 'done' as const, output: { to: targetSlot }, note: `${activeSlot ?? 'nothing'} -> ${targetSlot}`, events: [told] };
}

export const observe: Step = {
  name: 'observe',
  title: 'See the new version through the public port',
  timeoutMs: OBSERVE_MS + 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async ({ job, environment, ports, signal }) => {
    const { tag } = incoming.need(job);
    if (ground.need(job).activeSlot !== null) ports.traffic.startProbe(environment, job.id);
    ports.traffic.markProbe(job.id, 'during');
    await proveVersion(environment, ports, tag, signal);
    ports.traffic.markProbe(job.id, 'after');
    return { kind: 'done', output: { tag }, note: `${ports.traffic.publicUrl(environment)} answers ${tag}` };
  },
};

export const drain: Step = {
  name: 'drain',
  title: 'Drain and stop the old slot',
  timeoutMs: (environment) => environment.service.drain + environment.service.stopTimeout + 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => job.outputs['validate'] === undefined || ground.need(job).activeSlot !== null,
  run: async (context) => {
    const { job, environment, ports, signal } = context;
    const { activeSlot } = ground.need(job);
    if (activeSlot === null) return { kind: 'done', output: null };
    const left = await retire(environment, ports, activeSlot, signal);
    const measured = await endProbe(context);
    return { kind: 'done', output: { left }, note: measured.note, events: measured.events };
  },
};

/** Waits for the slot's connections to end (at most `drain`), then stops it. Answers what was still open, for the record. */
export async function retire(environment: Environment, ports: Ports, slot: 'blue' | 'green', signal: AbortSignal): Promise<number | null> {
  const { left } = await ports.traffic.drain(environment, slot, signal);
  await ports.slots.stop(environment, slot);
  return left;
}

/** Throws BotError `version-not-seen` unless the public port answers the tag several times in a row. */
export async function proveVersion(environment: Environment, ports: Ports, tag: string, signal: AbortSignal): Promise<void> {
  const deadline = ports.clock.now() + OBSERVE_MS;
  let seen: string | null = null;
  for (let proofs = 0; proofs < PROOFS; ) {
    seen = await ports.traffic.version(environment);
    proofs = seen === tag ? proofs + 1 : 0;
    if (proofs === PROOFS) return;
    if (signal.aborted || ports.clock.now() > deadline) break;
    await ports.clock.sleep(PROOF_PAUSE_MS, signal);
  }
  throw new BotError({
    code: 'version-not-seen',
    message: `${ports.traffic.publicUrl(environment)} answers ${seen ?? 'no version'}, not ${tag}`,
    hint: 'Look at the proxy: is it the one that holds the public port, and did it take the new upstream?',
  });
}

/** The measured promise of zero downtime, as a sentence. Across a restart of the bot nobody asked, and the sentence says so. */
export async function endProbe({
  job,
  ports,
  store,
}: StepContext): Promise<{ readonly note: string; readonly events: readonly NewEvent[] }> {
  const probe = await ports.traffic.stopProbe(job.id);
  const counted = probe ?? { total: 0, failed: 0, firstFailure: null };
  const interrupted = probe === null || (await wasInterrupted(store, job));
  const { total, failed } = counted;
  const note = `${failed} of ${total} requests failed${interrupted ? ', with a gap while the bot was restarted' : ''}`;
  return { note, events: [tell(job, 'traffic.measured', { ...counted, interrupted })] };
}

async function wasInterrupted(store: StoreReader, job: Job): Promise<boolean> {
  const probed = new Set(['switch', 'observe', 'drain']);
  return (await store.eventsOf(job.requestId)).some(
    (told) => told.type === 'job.resumed' && told.jobId === job.id && probed.has(told.data.step),
  );
}
