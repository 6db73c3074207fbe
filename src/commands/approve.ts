import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Request } from '../core/request.ts';
import { assignSeats, type Seat } from '../core/seats.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { findRequest, isRequest } from './find-request.ts';
import { untilSettled } from './retry.ts';

export const approve: Command = {
  name: 'approve',
  usage: 'approve <request>',
  summary: 'Fill a seat of a request that waits for approvals',
  permission: 'approve',
  changes: true,
  flags: {},
  words: 1,
  run: async (context, { positionals: [id] }) => {
    if (id === undefined) return refuse('usage', 'which request? Its id is missing', '/dhash approve d-7k3f9x');
    return untilSettled(() => decide(context, id, null));
  },
  press: (context, button) => untilSettled(() => decide(context, button.request, button.expect)),
};

/** `expect`: the digest on the card that was pressed; null = typed, which means what is asked now. */
async function decide(context: CommandContext, id: string, expect: string | null): Promise<Reply | null> {
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  const { actor, now, store } = context;
  if (request.state !== 'open')
    return refuse('already_decided', `${id} has ended: ${request.state}`, `/dhash status ${request.environment}`);
  if (request.digest === null || request.approvalsExpireAt === null) {
    return refuse('approval_void', `${id} does not wait for approvals at the moment`, `/dhash status ${request.environment}`);
  }
  if (expect !== null && expect !== request.digest) {
    return refuse(
      'approval_void',
      `what ${id} asks for has changed since that card was drawn`,
      'Look at the card as it is now, then press again.',
    );
  }
  if (now >= request.approvalsExpireAt)
    return refuse('expired', `${id} could be approved until ${formatUtc(request.approvalsExpireAt)}`, 'Ask for the deploy again.');
  if (request.by.id === actor.id)
    return refuse('own_request', `${id} is your own request: somebody else has to approve it`, whoIsMissing(context, request));
  const standing = request.approvals.filter((approval) => approval.digest === request.digest);
  if (standing.some(({ by }) => by.id === actor.id))
    return refuse('already_decided', `your approval of ${id} counts already: one person, one seat`, whoIsMissing(context, request));
  const approvals = [...standing, { by: actor, at: now, digest: request.digest, ops: context.ops }];
  return count(context, { ...request, approvals, version: request.version + 1 }, store);
}

async function count(context: CommandContext, request: Request, store: CommandContext['store']): Promise<Reply | null> {
  const { actor, now } = context;
  const [job] = await store.jobs({ requestId: request.id, open: true, limit: 1 });
  const scope = { environment: request.environment, requestId: request.id, jobId: job?.id ?? null, actor };
  const result = await store.commit(
    [{ kind: 'request.update', request }, ...(job === undefined ? [] : [{ kind: 'job.wake' as const, jobId: job.id, at: now }])],
    [event(scope, 'approval.given', { digest: request.digest ?? '', ops: context.ops })],
    now,
  );
  if (result.kind !== 'committed') return null;
  return { kind: 'done', note: `your approval of ${request.id} counts. ${whoIsMissing(context, request)}`, requestId: request.id };
}

function whoIsMissing(context: CommandContext, request: Request): string {
  const seats = seatsOf(context, request);
  const free = seats.filter(({ filledBy }) => filledBy === null);
  if (free.length === 0) return 'All seats are filled: it starts now.';
  const ops = free.filter(({ wants }) => wants === 'ops').length;
  return `${seats.length - free.length} of ${seats.length} seats are filled; ${ops > 0 ? `${ops} more from Ops/SRE` : `${free.length} more from anyone entitled`} needed.`;
}

function seatsOf({ config }: CommandContext, request: Request): readonly Seat[] {
  const requirement = config.environments[request.environment]?.approvals ?? { required: 0, fromOps: 0 };
  const standing = request.approvals.filter((approval) => approval.digest === request.digest);
  return assignSeats(
    requirement,
    standing.map(({ by, ops }) => ({ id: by.id, ops })),
  );
}
