import { moved } from '../../core/digest.ts';
import type { Step } from '../../core/job.ts';
import { deployInput } from '../inputs.ts';
import { tell } from '../outputs.ts';
import { lockFor, requestOf } from '../request-of.ts';
import { approved, judgeChecklist, settlesAt } from './checklist.ts';

/** The moment of start: the tag is resolved and the checklist run again, so that what was approved is what is deployed. */
export const lock: Step = {
  name: 'lock',
  title: 'Take the lock, check that nothing moved',
  timeoutMs: 5 * 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    const before = approved.need(context.job);
    const request = await requestOf(context.store, context.job);
    const now = await judgeChecklist(context, deployInput(context.job).tag, request.by.id);
    if (now.digest === before.digest) {
      return {
        kind: 'done',
        output: { digest: now.digest },
        changes: [{ kind: 'lock.take', lock: lockFor(request, context.ports.clock.now()) }],
      };
    }
    // GitHub being away for a minute is no reason to take people's approvals from them.
    const waits = settlesAt(now.evidence, { config: context.config, startedAt: context.startedAt, now: context.ports.clock.now() });
    if (waits !== null) return { kind: 'wait', ...waits };
    return {
      kind: 'rewind',
      to: 'checklist',
      changes: [
        {
          kind: 'request.update',
          request: { ...request, digest: null, approvals: [], approvalsExpireAt: null, version: request.version + 1 },
        },
      ],
      events: [tell(context.job, 'approvals.voided', { moved: moved(before.parts, now.parts) })],
    };
  },
};
