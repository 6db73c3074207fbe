import { formatBytes } from '../../core/bytes.ts';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Step, StepContext } from '../../core/job.ts';
import { otherSlot } from '../../core/slot.ts';

const FREE_FLOOR_BYTES = 256 * 1024 * 1024;

/** Before anything is changed: folders, disk, the proxy, and which slot and version are live. */
export const validate: Step = {
  name: 'validate',
  title: 'Validate the environment',
  timeoutMs: 60_000,
  attempts: 2,
  afterCrash: 'rerun',
  run: async (context) => {
    const { environment, ports } = context;
    await ports.releases.prepare(environment);
    const free = await ports.gauges.freeBytes(environment.root);
    if (context.job.name === 'deploy' && free < FREE_FLOOR_BYTES) throw diskLow(environment, free);
    await ports.traffic.ensure(environment);
    const live = await whatIsLive(context);
    const note = live.liveTag === null ? 'nothing is live yet' : `${live.liveTag} is live in ${live.activeSlot ?? 'no slot'}`;
    return { kind: 'done', output: { ...live }, note };
  },
};

/** The host is asked first; the database only fills in what the host cannot say. */
async function whatIsLive(context: StepContext) {
  const { environment, ports, store } = context;
  const named = await ports.traffic.active(environment);
  const targetSlot = named === null ? 'blue' : otherSlot(named);
  const status = named === null ? null : await ports.slots.status(environment, named);
  const running = status?.kind === 'running' ? status : null;
  const markers = await ports.releases.markers(environment);
  const liveTag = running?.tag ?? markers.version;
  const liveRelease = running?.release ?? markers.current;
  // A proxy set up before the first deploy names a slot in which nothing has ever run: there is nothing to go back to.
  const activeSlot = liveTag === null ? null : named;
  const deployment = await store.liveDeployment(environment.name);
  return {
    activeSlot,
    targetSlot,
    liveRelease,
    liveTag,
    liveCommit: deployment?.tag === liveTag ? (deployment?.commit ?? null) : null,
  } as const;
}

function diskLow(environment: Environment, free: number): BotError {
  return new BotError({
    code: 'disk-full',
    message: `${environment.root} has ${formatBytes(free)} free; a deploy wants at least ${formatBytes(FREE_FLOOR_BYTES)}`,
    hint: `Free some space, e.g. look at: du -sh ${environment.root}/*`,
  });
}
