// One stored watch under the rules of today.

import { replay } from '../checks/replay.ts';
import type { Config, Environment } from '../core/config.ts';
import type { Job } from '../core/job.ts';
import { THINNED } from '../core/sample.ts';
import type { StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { ReplayedWatch } from '../core/wish.ts';
import { monitorInput } from './inputs.ts';
import { judgingOf } from './judging.ts';
import { watchWindow } from './outputs.ts';

/** null = it had not begun, or so long ago that its samples are thinned. */
export async function replayWatch(
  { store, config, now }: { readonly store: StoreReader; readonly config: Config; readonly now: Instant },
  environment: Environment,
  job: Job,
): Promise<ReplayedWatch | null> {
  const window = watchWindow.find(job);
  if (window === null || window.from < now - THINNED.afterMs) return null;
  const [samples, story] = await Promise.all([store.samples(job.id, 0), store.eventsOf(job.requestId)]);
  const own = story.filter(({ jobId }) => jobId === job.id);
  const interval = own.flatMap((told) => (told.type === 'monitor.started' ? [told.data.intervalMs] : []))[0] ?? null;
  const ended = own.flatMap((told) => (told.type === 'monitor.ended' ? [told.data.verdict] : []))[0] ?? null;
  const { from, tag } = window;
  const played = replay({ tag, from, before: monitorInput(job).before, samples, interval }, judgingOf({ config, environment }));
  return { requestId: job.requestId, tag, from, ended, ...played };
}
