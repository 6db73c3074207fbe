import type { Step } from '../../core/job.ts';
import { tell, watchWindow } from '../outputs.ts';
import { restore } from './watch-saved.ts';

/** A watch that was stopped before its end has one all the same: else its card would say for ever that it goes on. */
export const closeWatch: Step = {
  name: 'close',
  title: 'Close the watch',
  timeoutMs: 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => watchWindow.find(job) !== null && job.outputs['watch'] === undefined,
  run: async ({ job, store }) => {
    const story = (await store.eventsOf(job.requestId)).filter(({ jobId }) => jobId === job.id);
    const reason = story.findLast((told) => told.type === 'cancel.asked')?.data.reason;
    const { measures, state } = restore({ job });
    const { checks, breaches, totals } = state;
    const why = job.failure?.message ?? reason ?? 'canceled';
    return {
      kind: 'done',
      output: null,
      events: [tell(job, 'monitor.ended', { verdict: 'not-certified', why, checks, breaches, measures, totals })],
    };
  },
};
