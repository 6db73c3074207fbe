import { runSmoke } from '../../checks/smoke.ts';
import type { Step, StepContext, StepOutcome } from '../../core/job.ts';
import { incoming, tell } from '../outputs.ts';

const base = {
  name: 'smoke',
  title: 'Smoke tests',
  timeoutMs: 10 * 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (_job, environment) => environment.smoke.length > 0,
} as const satisfies Partial<Step>;

/** A critical smoke test that fails sends a deploy back. */
export const smoke: Step = { ...base, run: (context) => judgeSmoke(context, 'fail') };

/** After a rollback the bad version is the only other choice, so a failure is told loudly and the rollback stands. */
export const smokeAfterRollback: Step = { ...base, run: (context) => judgeSmoke(context, 'tell') };

async function judgeSmoke(context: StepContext, onFailure: 'fail' | 'tell'): Promise<StepOutcome> {
  const { results, passed } = await runSmoke(context, incoming.find(context.job) ?? undefined);
  const told = tell(context.job, 'smoke.judged', { results, passed });
  const good = results.filter((result) => result.passed).length;
  const note = `${good} of ${results.length} passed`;
  const bad = results.filter((result) => !result.passed);
  if (passed) return { kind: 'done', output: { passed }, note, events: [told] };
  if (onFailure === 'tell') {
    return { kind: 'done', output: { passed }, note: `${note}; failed: ${bad.map(({ name }) => name).join(', ')}`, events: [told] };
  }
  return {
    kind: 'failed',
    failure: {
      code: 'smoke-failed',
      message: bad.map(({ name, detail }) => `smoke test "${name}": ${detail}`).join('; '),
      hint: 'The job log has what the test printed.',
      tail: [],
    },
    events: [told],
  };
}
