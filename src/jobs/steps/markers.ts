import type { Deployment } from '../../core/deployment.ts';
import type { Step, StepContext } from '../../core/job.ts';
import type { StoreReader } from '../../core/store.ts';
import { ground, incoming, madeBackup, tell } from '../outputs.ts';

/** From here on the new version is the live one in every record: symlink, VERSION, database. */
export const markers: Step = {
  name: 'markers',
  title: 'Write the version markers',
  timeoutMs: 60_000,
  attempts: 3,
  afterCrash: 'rerun',
  run: async (context) => {
    const { job, environment, ports } = context;
    const { release, tag } = incoming.need(job);
    await ports.releases.mark(environment, release, tag);
    const deployment = await deploymentOf(context);
    const { id, kind, commit, rollbackBackup, rollbackTag } = deployment;
    const previousTag = ground.need(job).liveTag;
    return {
      kind: 'done',
      output: { deploymentId: id },
      note: tag,
      changes: [{ kind: 'deployment.live', deployment }],
      events: [tell(job, 'version.live', { deploymentId: id, kind, tag, commit, previousTag, rollbackBackup, rollbackTag })],
    };
  },
};

async function deploymentOf({ job, environment, ports, store }: StepContext): Promise<Deployment> {
  const { release, tag, commit } = incoming.need(job);
  const { targetSlot } = ground.need(job);
  const target = job.name === 'deploy' ? pinnedByDeploy(job) : await pinnedBefore(store, environment.name, tag);
  return {
    id: `live-${job.id}`,
    environment: environment.name,
    kind: job.name === 'deploy' ? 'deploy' : 'rollback',
    tag,
    commit,
    releasePath: release,
    slot: targetSlot,
    requestId: job.requestId,
    liveAt: ports.clock.now(),
    supersededAt: null,
    rollbackBackup: target.file,
    rollbackTag: target.tag,
  };
}

/** A deploy goes back to the backup it made of what it replaced. */
function pinnedByDeploy(job: StepContext['job']) {
  return madeBackup.find(job) ?? { file: null, tag: null };
}

/** A version that came back goes back to where its own deploy would have: never to the version just left. */
async function pinnedBefore(store: StoreReader, environment: string, tag: string) {
  const deploys = await store.deployments(environment, 200);
  const origin = deploys.find((deployment) => deployment.kind === 'deploy' && deployment.tag === tag);
  return { file: origin?.rollbackBackup ?? null, tag: origin?.rollbackTag ?? null };
}
