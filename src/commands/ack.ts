import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { isKnownPerson } from './entitled.ts';
import { findRequest, isRequest } from './find-request.ts';

export const ack: Command = {
  name: 'ack',
  usage: 'ack <request>',
  summary: 'Say that you have seen an alert and look after it',
  permission: 'own',
  changes: true,
  flags: {},
  words: 1,
  run: async (context, { positionals: [id] }) =>
    id === undefined ? refuse('usage', 'which request? Its id is missing', '/dhash ack d-7k3f9x') : acknowledge(context, id, null),
  press: (context, button) => acknowledge(context, button.request, button.expect),
};

async function acknowledge(context: CommandContext, id: string, gate: string | null): Promise<Reply> {
  const { actor, config, ports, store, now } = context;
  if (!isKnownPerson(actor, config.people, ports.groups)) {
    return refuse('not_entitled', `${actor.name} may not acknowledge alerts`, 'People in any list of `people` in dhash.yml may.');
  }
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  const story = await store.eventsOf(id);
  const alerted = story.filter((told) => told.type === 'monitor.breached' && (gate === null || told.data.gate === gate)).at(-1);
  if (alerted === undefined) return refuse('unknown_request', `${id} has no alert to acknowledge`, null);
  const before = story.find((told) => told.type === 'alert.acknowledged' && told.seq > alerted.seq);
  if (before !== undefined) return refuse('already_decided', `${before.actor?.name ?? 'somebody'} has acknowledged it already`, null);
  const about = alerted.type === 'monitor.breached' ? alerted.data.gate : '';
  await store.commit(
    [],
    [event({ environment: request.environment, requestId: id, jobId: alerted.jobId, actor }, 'alert.acknowledged', { gate: about })],
    now,
  );
  return { kind: 'done', note: `you look after it: ${about} in ${request.environment}`, requestId: id };
}
