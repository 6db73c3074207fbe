import type { StoreReader } from '../core/store.ts';
import type { EnvironmentStatus } from '../core/wish.ts';
import { watchWindow } from '../jobs/outputs.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';

export const status: Command = {
  name: 'status',
  usage: 'status [environment]',
  summary: 'What is live, since when, what runs, who holds the lock',
  permission: 'anyone',
  changes: false,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const wanted = flags['env'] ?? name;
    if (wanted === undefined) {
      const names = Object.keys(context.config.environments);
      return {
        kind: 'answered',
        answer: { kind: 'status', environments: await Promise.all(names.map((each) => statusOf(context.store, each))) },
      };
    }
    const environment = environmentOf(context, wanted);
    if (isRefusal(environment)) return environment;
    return { kind: 'answered', answer: { kind: 'status', environments: [await statusOf(context.store, environment.name)] } };
  },
};

async function statusOf(store: StoreReader, environment: string): Promise<EnvironmentStatus> {
  const [live, lock, openJobs, backups] = await Promise.all([
    store.liveDeployment(environment),
    store.lock(environment),
    store.jobs({ environment, open: true }),
    store.backups(environment),
  ]);
  const verified = backups.filter(({ verifiedAt }) => verifiedAt !== null);
  const lastBackup = verified.reduce<(typeof verified)[number] | null>(
    (newest, backup) => (newest === null || backup.createdAt > newest.createdAt ? backup : newest),
    null,
  );
  return { environment, live, lock, openJobs, watch: await watchOf(store, openJobs), lastBackup };
}

async function watchOf(store: StoreReader, openJobs: EnvironmentStatus['openJobs']): Promise<EnvironmentStatus['watch']> {
  const job = openJobs.find(({ name }) => name === 'monitor');
  const window = job === undefined ? null : watchWindow.find(job);
  if (job === undefined || window === null) return null;
  const breached = new Set<string>();
  for (const told of await store.eventsOf(job.requestId)) {
    if (told.type === 'monitor.breached') breached.add(told.data.gate);
    if (told.type === 'monitor.recovered') breached.delete(told.data.gate);
  }
  const samples = await store.samples(job.id, window.from);
  return { until: window.until, checks: samples.length, breached: [...breached] };
}
