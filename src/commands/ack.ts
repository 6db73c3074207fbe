import { alertsOf, openIncidents } from '../core/alert.ts';
import { event, type StoredEvent } from '../core/event.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Request } from '../core/request.ts';
import type { Change } from '../core/store.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { takeTurn } from '../jobs/countdowns.ts';
import type { Command, CommandContext } from './command.ts';
import { isKnownPerson } from './entitled.ts';
import { findRequest, isRequest } from './find-request.ts';
import { untilSettled } from './retry.ts';

export const ack: Command = {
  name: 'ack',
  usage: 'ack <request>',
  summary: 'Say that you have seen an alert and look after it',
  permission: 'own',
  changes: true,
  flags: {},
  words: 1,
  run: async (context, { positionals: [id] }) =>
    id === undefined
      ? refuse('usage', 'which request? Its id is missing', '/dhash ack d-7k3f9x')
      : untilSettled(() => acknowledge(context, id, null)),
  press: (context, button) => untilSettled(() => acknowledge(context, button.request, button.expect)),
};

async function acknowledge(context: CommandContext, id: string, about: string | null): Promise<Reply | null> {
  const { actor, config, ports, store, now } = context;
  if (!isKnownPerson(actor, config.people, ports.groups)) {
    return refuse('not_entitled', `${actor.name} may not acknowledge alerts`, 'People in any list of `people` in dhash.yml may.');
  }
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  const story = await store.eventsOf(id);
  const alerted = alertIn(story, about);
  if (alerted === null) return refuse('unknown_request', `${id} has no alert to acknowledge`, null);
  const before = story.find((told) => told.type === 'alert.acknowledged' && told.seq > alerted.told.seq);
  if (before !== undefined)
    return refuse('already_decided', `${before.actor?.name ?? 'somebody'} acknowledged it already, at ${formatUtc(before.at)}`, null);
  const climbing = openIncidents(alertsOf(story));
  const gone = climbing.length > 0 ? null : await notLiveAnymore(context, request, story);
  if (gone !== null) return gone;
  const scope = { environment: request.environment, requestId: id, jobId: alerted.told.jobId, actor };
  const result = await store.commit(
    [takeTurn(request), ...climbing.map(({ jobId }): Change => ({ kind: 'job.wake', jobId, at: now }))],
    [event(scope, 'alert.acknowledged', { gate: alerted.name })],
    now,
  );
  if (result.kind !== 'committed') return null;
  return { kind: 'done', note: `you look after it: ${alerted.name} in ${request.environment}`, requestId: id };
}

/** The newest alert, or the newest one about what stood on the button. */
function alertIn(story: readonly StoredEvent[], about: string | null): { readonly told: StoredEvent; readonly name: string } | null {
  const alerts = story.flatMap((told) => {
    const name = nameOf(told);
    return name === null || (about !== null && name !== about) ? [] : [{ told, name }];
  });
  return alerts.at(-1) ?? null;
}

function nameOf(told: StoredEvent): string | null {
  switch (told.type) {
    case 'monitor.breached':
      return told.data.gate;
    case 'monitor.blind':
      return told.data.source;
    case 'monitor.rule-met':
      return told.data.rule;
    case 'escalation.started':
      return told.data.incident;
    default:
      return null;
  }
}

async function notLiveAnymore({ store }: CommandContext, { environment }: Request, story: readonly StoredEvent[]): Promise<Refusal | null> {
  const made = story.findLast((told) => told.type === 'version.live');
  const live = await store.liveDeployment(environment);
  if (made?.type !== 'version.live' || live === null || live.id === made.data.deploymentId) return null;
  return refuse(
    'not_live_anymore',
    `that alert is about ${made.data.tag}, which is not live in ${environment} any more: ${live.tag} is, since ${formatUtc(live.liveAt)}`,
    `/dhash status ${environment}`,
  );
}
