import type { Step } from '../../core/job.ts';
import { formatDuration } from '../../core/time.ts';
import { ground, incoming } from '../outputs.ts';

export const start: Step = {
  name: 'start',
  title: 'Start it in the idle slot',
  timeoutMs: (environment) => environment.service.stopTimeout + 30_000,
  attempts: 2,
  afterCrash: 'reconcile',
  run: async ({ job, environment, ports }) => {
    const { targetSlot } = ground.need(job);
    const { release, tag } = incoming.need(job);
    await ports.slots.start({ environment, slot: targetSlot, release, tag });
    return { kind: 'done', output: { slot: targetSlot }, note: targetSlot };
  },
  reconcile: async ({ job, environment, ports }) => {
    const { targetSlot } = ground.need(job);
    const { release } = incoming.need(job);
    const status = await ports.slots.status(environment, targetSlot);
    if (status.kind !== 'running' || status.release !== release) return { kind: 'again' };
    return { kind: 'done', output: { slot: targetSlot }, note: targetSlot };
  },
};

export const ready: Step = {
  name: 'ready',
  title: 'Wait until the right version answers',
  timeoutMs: (environment) => environment.service.ready.timeout + 10_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async ({ job, environment, ports, signal }) => {
    const { targetSlot } = ground.need(job);
    const { tag } = incoming.need(job);
    const { afterMs } = await ports.slots.ready({ environment, slot: targetSlot, tag, signal });
    return { kind: 'done', output: { afterMs }, note: `${tag} answers in ${targetSlot} after ${formatDuration(afterMs)}` };
  },
};
