import type { JobName } from '../core/job.ts';
import type { StoreReader } from '../core/store.ts';

/** How long each step took the last time this job ended well here; empty when it never did. */
export async function expectedDurations(store: StoreReader, environment: string, name: JobName): Promise<Readonly<Record<string, number>>> {
  const recent = await store.jobs({ environment, limit: 50 });
  const last = recent.find((job) => job.name === name && job.state === 'succeeded');
  if (last === undefined) return {};
  const durations: Record<string, number> = {};
  for (const told of await store.eventsOf(last.requestId)) {
    if (told.type === 'step.finished' && told.jobId === last.id && told.data.direction === 'forward')
      durations[told.data.step] = told.data.durationMs;
  }
  // Waiting for people is not work: it says nothing about the next time.
  delete durations['approvals'];
  return durations;
}
