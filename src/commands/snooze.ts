import { activeSnooze, alertsOf, openCountdown, openIncidents } from '../core/alert.ts';
import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Change } from '../core/store.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { takeTurn } from '../jobs/countdowns.ts';
import type { Command, CommandContext } from './command.ts';
import { findRequest, isRequest } from './find-request.ts';
import { untilSettled } from './retry.ts';

const SNOOZE_MS = 10 * 60_000;

export const snooze: Command = {
  name: 'snooze',
  usage: 'snooze <request>',
  summary: 'Hold a countdown and further calls for 10 minutes',
  permission: 'rollback',
  changes: true,
  flags: {},
  words: 1,
  run: async (context, { positionals: [id] }) =>
    id === undefined
      ? refuse('usage', 'which request? Its id is missing', '/dhash snooze d-7k3f9x')
      : untilSettled(() => decide(context, id)),
  press: (context, button) => untilSettled(() => decide(context, button.request)),
};

async function decide(context: CommandContext, id: string): Promise<Reply | null> {
  const { actor, store, now } = context;
  const request = await findRequest(context, id);
  if (!isRequest(request)) return request;
  const alerts = alertsOf(await store.eventsOf(id));
  const running = activeSnooze(alerts, now);
  if (running !== null) return refuse('already_decided', `${running.by} snoozed it already, until ${formatUtc(running.until)}`, null);
  const counting = openCountdown(alerts);
  const incident = openIncidents(alerts).at(-1);
  if (counting === null && incident === undefined)
    return refuse('no_alert', `${id} has nothing to snooze: no countdown, nobody being called`, `/dhash status ${request.environment}`);
  const about = incident?.about ?? `the rollback to ${counting?.offer.toTag}`;
  const until = now + SNOOZE_MS;
  const timers = (await store.jobs({ requestId: id, open: true })).filter(({ name }) => name === 'countdown' || name === 'escalation');
  const result = await store.commit(
    [takeTurn(request), ...timers.map((job): Change => ({ kind: 'job.wake', jobId: job.id, at: now }))],
    [event({ environment: request.environment, requestId: id, jobId: null, actor }, 'alert.snoozed', { until, about })],
    now,
  );
  if (result.kind !== 'committed') return null;
  return { kind: 'done', note: `held until ${formatUtc(until)}, or until something else goes wrong`, requestId: id };
}
