// What is live, measured before anything is touched: two looks, one when the checklist has passed and one when the work begins. In between people
// approve and the host is left alone, so neither a build nor a backup is taken for the old version's fault, and nobody waits for it.

import { baselineOf } from '../../checks/baseline.ts';
import { type Line, measure, plainMeasure } from '../../checks/gates.ts';
import { takeSample } from '../../checks/watch.ts';
import type { Step } from '../../core/job.ts';
import type { Json } from '../../core/json.ts';
import { deployInput } from '../inputs.ts';
import { firstLook as first, tell } from '../outputs.ts';

export const firstLook: Step = {
  name: 'first-look',
  title: 'Look at what is live',
  timeoutMs: 15_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => deployInput(job).monitor,
  run: async (context) => {
    const live = await context.store.liveDeployment(context.environment.name);
    if (live === null) return { kind: 'done', output: null, note: 'nothing is live yet' };
    const { scrape } = await takeSample(context, null, live.slot);
    const plain: unknown = scrape;
    return { kind: 'done', output: { scrape: plain as Json } };
  },
};

export const baseline: Step = {
  name: 'baseline',
  title: 'Measure what is live, for comparison',
  timeoutMs: 15_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => deployInput(job).monitor,
  run: async (context) => {
    const { config, environment, job, store } = context;
    const live = await store.liveDeployment(environment.name);
    if (live === null) return { kind: 'done', output: null, note: 'nothing is live yet' };
    const { sample } = await takeSample(context, first.find(job)?.scrape ?? null, live.slot);
    const lines = measure(sample, { tag: live.tag, qualityGates: config.qualityGates, disk: environment.monitor.disk, before: null });
    const found = baselineOf(lines);
    const told = tell(job, 'monitor.baseline', { measures: lines.map(plainMeasure), failing: found.failing });
    return { kind: 'done', output: { values: found.values, failing: [...found.failing] }, note: sum(lines, found.failing), events: [told] };
  },
};

function sum(lines: readonly Line[], failing: readonly string[]): string {
  if (failing.length > 0) return `fails already: ${failing.join(', ')}`;
  const measured = lines.filter(({ state }) => state === 'pass' || state === 'fail').length;
  return `${measured} of ${lines.length} measured`;
}
