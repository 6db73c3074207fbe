import type { Step, StepContext, StepOutcome } from '../../core/job.ts';
import type { Request } from '../../core/request.ts';
import { assignSeats, isQuorate } from '../../core/seats.ts';
import { tell } from '../outputs.ts';
import { requestOf } from '../request-of.ts';
import { approved } from './checklist.ts';

/** Waits, without holding anything but the environment's lock, until every seat is filled for this very digest. */
export const approvals: Step = {
  name: 'approvals',
  title: 'Collect approvals',
  timeoutMs: 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (_job, environment) => environment.approvals.required > 0,
  run: async (context) => {
    const request = await requestOf(context.store, context.job);
    const { digest } = approved.need(context.job);
    if (request.state !== 'open') return { kind: 'finish', as: 'canceled', output: null };
    if (request.digest !== digest || request.approvalsExpireAt === null) return openSeats(context, request, digest);

    const { required, fromOps } = context.environment.approvals;
    const counted = request.approvals.filter((approval) => approval.digest === digest);
    const seats = assignSeats(
      { required, fromOps },
      counted.map(({ by, ops }) => ({ id: by.id, ops })),
    );
    if (isQuorate(seats)) {
      const people = counted.map(({ by }) => by.id);
      return {
        kind: 'done',
        output: { digest, people },
        note: `${required} of ${required}`,
        events: [tell(context.job, 'approvals.filled', { people })],
      };
    }
    if (context.ports.clock.now() >= request.approvalsExpireAt) {
      const filled = seats.filter(({ filledBy }) => filledBy !== null).length;
      return {
        kind: 'finish',
        as: 'canceled',
        output: null,
        changes: [{ kind: 'request.update', request: { ...request, state: 'expired', version: request.version + 1 } }],
        events: [tell(context.job, 'request.expired', { filled, required })],
      };
    }
    return { kind: 'wait', until: request.approvalsExpireAt, why: 'waits for approvals' };
  },
};

function openSeats(context: StepContext, request: Request, digest: string): StepOutcome {
  const { required, fromOps, expiresAfter } = context.environment.approvals;
  const expiresAt = context.ports.clock.now() + expiresAfter;
  return {
    kind: 'wait',
    until: expiresAt,
    why: 'waits for approvals',
    changes: [
      {
        kind: 'request.update',
        request: { ...request, digest, approvals: [], approvalsExpireAt: expiresAt, version: request.version + 1 },
      },
    ],
    events: [tell(context.job, 'approvals.opened', { required, fromOps, digest, expiresAt })],
  };
}
