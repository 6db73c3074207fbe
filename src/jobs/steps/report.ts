import { asBotError } from '../../core/error.ts';
import type { Step } from '../../core/job.ts';
import { tell } from '../outputs.ts';

/** Written from the event log, so a report that fails can be written again at any time; it never sends a release back. */
export const report: Step = {
  name: 'report',
  title: 'Write the report',
  timeoutMs: 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async ({ job, ports, signal }) => {
    try {
      const { markdown, json, html } = await ports.reports.write(job.requestId);
      return {
        kind: 'done',
        output: { markdown, json, html },
        note: markdown,
        events: [tell(job, 'report.written', { markdown, json, html })],
      };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      return { kind: 'done', output: null, note: `not written: ${asBotError(thrown).message}` };
    }
  },
};
