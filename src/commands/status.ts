import type { StoreReader } from '../core/store.ts';
import type { EnvironmentStatus } from '../core/wish.ts';
import { watchWindow } from '../jobs/outputs.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';

/** Requests, newest first, in which the last gates are looked for. */
const LOOKED_THROUGH = 20;

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
  return { environment, live, lock, openJobs, watch: await watchOf(store, openJobs), lastBackup, ...(await gatesOf(store, environment)) };
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

/** The newest checklist and the newest measures that the log tells of, however their requests ended. */
async function gatesOf(store: StoreReader, environment: string): Promise<Pick<EnvironmentStatus, 'checklist' | 'measured'>> {
  let checklist: EnvironmentStatus['checklist'] = null;
  let measured: EnvironmentStatus['measured'] = null;
  for (const { id } of await store.requests({ environment, limit: LOOKED_THROUGH })) {
    if (checklist !== null && measured !== null) break;
    for (const told of (await store.eventsOf(id)).toReversed()) {
      if (told.type === 'checklist.judged') checklist ??= { tag: told.data.tag, at: told.at, evidence: told.data.evidence };
      if (told.type === 'monitor.updated' || told.type === 'monitor.ended') measured ??= { at: told.at, measures: told.data.measures };
    }
  }
  return { checklist, measured };
}
