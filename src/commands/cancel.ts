import { event } from '../core/event.ts';
import type { JobName } from '../core/job.ts';
import { mayCancel } from '../core/plan.ts';
import { refuse } from '../core/refusal.ts';
import type { Request } from '../core/request.ts';
import type { Reply } from '../core/wish.ts';
import { JOBS } from '../jobs/registry.ts';
import type { Command, CommandContext } from './command.ts';
import { entitled } from './entitled.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { findRequest, isRequest } from './find-request.ts';
import { untilSettled } from './retry.ts';
import { stopCountdown } from './stop-countdown.ts';

export const cancel: Command = {
  name: 'cancel',
  usage: 'cancel [request]',
  summary: 'Stop a request before its switch, or a countdown; without an id, what holds the default environment',
  permission: 'own',
  changes: true,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [id], flags }) => {
    if (id !== undefined) return untilSettled(async () => (await stopCountdown(context, id, null)) ?? decide(context, id));
    const environment = environmentOf(context, flags['env']);
    if (isRefusal(environment)) return environment;
    const lock = await context.store.lock(environment.name);
    if (lock === null || lock.holder.startsWith('person:'))
      return refuse('nothing_to_cancel', `nothing runs or waits in ${environment.name}`, `/dhash status ${environment.name}`);
    return untilSettled(() => decide(context, lock.holder));
  },
  press: (context, button) =>
    untilSettled(async () =>
      button.expect === null ? decide(context, button.request) : stopCountdown(context, button.request, button.expect),
    ),
};

/** They end by themselves with what they stand beside. */
const TIMERS: readonly JobName[] = ['arm', 'countdown', 'escalation'];

async function decide(context: CommandContext, id: string): Promise<Reply | null> {
  const { actor, config, ports, store, now } = context;
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  if (request.by.id !== actor.id) {
    const allowed = entitled(actor, 'operate', config.people, ports.groups);
    if (allowed.kind === 'refused') return allowed;
  }
  const job = (await store.jobs({ requestId: id, open: true })).find(({ name }) => !TIMERS.includes(name));
  if (job === undefined) return refuse('nothing_to_cancel', `${id} has ended: ${request.state}`, null);
  if (job.cancel !== null) return refuse('already_decided', `${id} is being stopped already: ${job.cancel.reason}`, null);
  if (!mayCancel(JOBS[job.name], job, false)) return tooLate(request);
  const reason = `canceled by ${actor.name}`;
  const scope = { environment: request.environment, requestId: id, jobId: job.id, actor };
  const result = await store.commit(
    [{ kind: 'job.cancel', jobId: job.id, cancel: { by: actor.id, reason, force: false }, at: now }],
    [event(scope, 'cancel.asked', { reason, force: false })],
    now,
  );
  return result.kind === 'committed' ? { kind: 'done', note: `${id} is being stopped`, requestId: id } : null;
}

function tooLate(request: Request): Reply {
  return refuse(
    'too_late_to_cancel',
    `${request.id} has begun to switch traffic: stopping half-way would be worse`,
    `To go back: /dhash rollback ${request.environment}`,
  );
}
