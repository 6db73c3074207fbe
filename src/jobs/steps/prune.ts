import { asBotError } from '../../core/error.ts';
import type { NewEvent } from '../../core/event.ts';
import type { Step, StepContext } from '../../core/job.ts';
import { choosePrunable } from '../../core/retention.ts';
import { THINNED } from '../../core/sample.ts';
import type { Change } from '../../core/store.ts';
import { ground, incoming, tell } from '../outputs.ts';

/** A clean-up that fails is a note, never a reason to go back. */
export const prune: Step = {
  name: 'prune',
  title: 'Prune old releases and backups',
  timeoutMs: 10 * 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    try {
      const releases = await pruneReleases(context);
      const backups = await pruneBackups(context);
      const note = `${releases.length} releases, ${backups.events.length} backups removed`;
      return {
        kind: 'done',
        output: null,
        note,
        changes: [...backups.changes, thinning(context)],
        events: [...releases, ...backups.events],
      };
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      return { kind: 'done', output: null, note: `not all was removed: ${asBotError(thrown).message}` };
    }
  },
};

/** Keeps the live one, the one before it, and the newest `keepReleases` that went live. */
async function pruneReleases({ job, environment, ports, store }: StepContext): Promise<readonly NewEvent[]> {
  const deployments = await store.deployments(environment.name, environment.keepReleases);
  const kept = new Set(deployments.map(({ releasePath }) => releasePath));
  const markers = await ports.releases.markers(environment);
  for (const path of [incoming.find(job)?.release, ground.find(job)?.liveRelease, markers.current]) if (path) kept.add(path);
  for (const slot of ['blue', 'green'] as const) {
    const status = await ports.slots.status(environment, slot);
    if (status.kind === 'running' && status.release !== null) kept.add(status.release);
  }
  const old = (await ports.releases.list(environment)).filter((release) => !kept.has(release));
  for (const release of old) await ports.releases.remove(environment, release);
  return old.map((release) => tell(job, 'release.pruned', { release }));
}

/** So the history of the watches stays bounded: seven samples for a watch of an hour. */
export function thinning({ environment, ports }: StepContext): Change {
  const { afterMs, everyMs } = THINNED;
  return { kind: 'sample.thin', environment: environment.name, before: ports.clock.now() - afterMs, every: everyMs };
}

export async function pruneBackups({
  job,
  environment,
  ports,
  store,
}: StepContext): Promise<{ readonly changes: readonly Change[]; readonly events: readonly NewEvent[] }> {
  const [backups, deployments] = await Promise.all([
    store.backups(environment.name),
    store.deployments(environment.name, environment.keepReleases),
  ]);
  const pinned = deployments.flatMap(({ rollbackBackup }) => (rollbackBackup === null ? [] : [rollbackBackup]));
  const { keep, keepLastGood } = environment.backup;
  const old = choosePrunable(backups, { keepMs: keep, keepLastGood, pinned, now: ports.clock.now() });
  for (const { file } of old) await ports.backups.remove(environment, file);
  return {
    changes: old.map(({ file }) => ({ kind: 'backup.forget', environment: environment.name, file })),
    events: old.map(({ file, why }) => tell(job, 'backup.pruned', { file, why })),
  };
}
