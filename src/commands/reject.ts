import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { findRequest, isRequest } from './find-request.ts';
import { untilSettled } from './retry.ts';

const LONGEST_REASON = 500;

export const reject: Command = {
  name: 'reject',
  usage: 'reject <request> <reason>',
  summary: 'Say no to a request, and why',
  permission: 'approve',
  changes: true,
  flags: {},
  words: 200,
  run: async (context, { positionals: [id, ...reason] }) => {
    if (id === undefined)
      return refuse('usage', 'which request? Its id is missing', '/dhash reject d-7k3f9x the migration is not reviewed');
    return untilSettled(() => decide(context, id, reason.join(' ')));
  },
  press: (context, button) => untilSettled(() => decide(context, button.request, button.input ?? '')),
};

async function decide(context: CommandContext, id: string, text: string): Promise<Reply | null> {
  const { actor, now, store } = context;
  const reason = text.trim().slice(0, LONGEST_REASON);
  if (reason === '')
    return refuse('usage', 'a rejection needs a reason: the requester should know what to change', `/dhash reject ${id} REASON`);
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  if (request.state !== 'open') return refuse('already_decided', `${id} has ended: ${request.state}`, null);
  const [job] = await store.jobs({ requestId: id, open: true, limit: 1 });
  if (request.digest === null || job === undefined || job.outputs['approvals'] !== undefined) {
    return refuse(
      'too_late_to_cancel',
      `${id} does not wait for approvals at the moment`,
      `To stop it: /dhash cancel ${id}. To go back: /dhash rollback ${request.environment}`,
    );
  }
  const scope = { environment: request.environment, requestId: id, jobId: job.id, actor };
  const result = await store.commit(
    [
      { kind: 'request.update', request: { ...request, state: 'rejected', version: request.version + 1 } },
      { kind: 'job.wake', jobId: job.id, at: now },
    ],
    [event(scope, 'request.rejected', { reason })],
    now,
  );
  return result.kind === 'committed' ? { kind: 'done', note: `${id} is rejected; ${request.by.name} is told why`, requestId: id } : null;
}
