// Going back by itself. Each step looks at the host first: before the switch there is nothing to undo but an idle slot.

import { BotError } from '../../core/error.ts';
import type { Job, Step } from '../../core/job.ts';
import { ground, incoming, tell } from '../outputs.ts';
import { endProbe, proveVersion, retire } from './switch.ts';

const base = { attempts: 3, afterCrash: 'rerun', timeoutMs: 2 * 60_000 } as const;

export const goBack: readonly Step[] = [
  {
    ...base,
    name: 'restart-old',
    title: 'Make sure the old version runs',
    when: (job) => mayHaveSwitched(job) || mayHaveStopped(job),
    run: async ({ job, environment, ports, signal }) => {
      const { slot, release, tag } = old(job);
      ports.traffic.startProbe(environment, job.id);
      const status = await ports.slots.status(environment, slot);
      if (status.kind !== 'running') {
        if (release === null) throw nothingToStart(environment.name, slot);
        await ports.slots.start({ environment, slot, release, tag });
      }
      await ports.slots.ready({ environment, slot, tag, signal });
      return { kind: 'done', output: null, note: `${tag} answers in ${slot}` };
    },
  },
  {
    ...base,
    name: 'switch-back',
    title: 'Switch the proxy back',
    when: mayHaveSwitched,
    run: async ({ job, environment, ports }) => {
      const { slot, tag } = old(job);
      if ((await ports.traffic.active(environment)) === slot) return { kind: 'done', output: null, note: `${slot} never lost the traffic` };
      await ports.traffic.switchTo(environment, slot);
      const toTag = tag;
      const told = tell(job, 'traffic.switched', {
        from: ground.need(job).targetSlot,
        to: slot,
        fromTag: incoming.find(job)?.tag ?? null,
        toTag,
      });
      return { kind: 'done', output: null, note: `-> ${slot}`, events: [told] };
    },
  },
  {
    ...base,
    name: 'observe-back',
    title: 'See the old version through the public port',
    when: mayHaveSwitched,
    run: async ({ job, environment, ports, signal }) => {
      const { tag } = old(job);
      await proveVersion(environment, ports, tag, signal);
      return { kind: 'done', output: { tag }, note: `${ports.traffic.publicUrl(environment)} answers ${tag}` };
    },
  },
  {
    ...base,
    name: 'restore-markers',
    title: 'Write the old version markers',
    when: (job) => mayHaveSwitched(job) && job.failure?.step === 'markers',
    run: async ({ job, environment, ports }) => {
      const { release, tag } = old(job);
      if (release !== null) await ports.releases.mark(environment, release, tag);
      return { kind: 'done', output: null, note: tag };
    },
  },
  {
    ...base,
    name: 'stop-new',
    title: 'Stop the new version',
    when: (job) => ground.find(job) !== null && incoming.find(job) !== null,
    run: async (context) => {
      const { job, environment, ports, signal } = context;
      const { targetSlot } = ground.need(job);
      // The last look before something is stopped: never what the public port is served from.
      if ((await ports.traffic.active(environment)) === targetSlot)
        return { kind: 'done', output: null, note: `${targetSlot} has the traffic: left running` };
      await retire(environment, ports, targetSlot, signal);
      const measured = mayHaveSwitched(job) ? await endProbe(context) : { note: targetSlot, events: [] };
      return { kind: 'done', output: null, note: measured.note, events: measured.events };
    },
  },
];

/** Once the new version was ready the switch may have begun. Without an old slot there is nothing to switch back to. */
function mayHaveSwitched(job: Job): boolean {
  return job.outputs['ready'] !== undefined && ground.find(job)?.activeSlot != null;
}

/** A rollback that restores data stops the service first. */
function mayHaveStopped(job: Job): boolean {
  return ground.find(job)?.activeSlot != null && (job.outputs['stop-live'] !== undefined || job.failure?.step === 'stop-live');
}

function old(job: Job) {
  const { activeSlot, liveRelease, liveTag } = ground.need(job);
  if (activeSlot !== null && liveTag !== null) return { slot: activeSlot, release: liveRelease, tag: liveTag };
  throw new BotError({ code: 'no-old-version', message: 'there was no live version to go back to', hint: null });
}

function nothingToStart(environment: string, slot: string): BotError {
  return new BotError({
    code: 'old-version-gone',
    message: `nothing runs in ${slot} of ${environment}, and which release ran there is not recorded`,
    hint: `Go back to a backup: bin/dhash rollback --env ${environment}`,
  });
}
