// Cancel under a countdown: the version stays live, and the audit says who decided that.

import { alertsOf, type Countdown, openCountdown } from '../core/alert.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Reply } from '../core/wish.ts';
import { endCountdown } from '../jobs/countdowns.ts';
import type { CommandContext } from './command.ts';
import { entitled } from './entitled.ts';
import { findRequest, isRequest } from './find-request.ts';

/** `jobId`: the countdown on the button; null = typed: the one that counts now. null answers "decide again", or that typed words found none. */
export async function stopCountdown(context: CommandContext, id: string, jobId: string | null): Promise<Reply | null> {
  const { actor, config, ports, store, now } = context;
  const request = await findRequest(context, id);
  if (!isRequest(request)) return jobId === null ? null : request;
  const alerts = alertsOf(await store.eventsOf(id));
  const counting = jobId === null ? openCountdown(alerts) : alerts.countdowns.find((one) => one.jobId === jobId);
  if (counting === undefined || counting === null) return jobId === null ? null : refuse('no_alert', `${id} counts down to nothing`, null);
  const allowed = entitled(actor, 'rollback', config.people, ports.groups);
  if (allowed.kind === 'refused') return allowed;
  if (counting.ended !== null) return over(counting);
  const job = { id: counting.jobId, environment: request.environment };
  const { changes, events } = endCountdown({ job, request, actor, rule: counting.rule, how: 'canceled', now });
  const result = await store.commit(changes, events, now);
  if (result.kind !== 'committed') return null;
  return { kind: 'done', note: `the countdown is stopped: ${counting.offer.fromTag} stays live`, requestId: id };
}

const OVER = {
  fired: 'it has ended, and the rollback has begun',
  canceled: 'it was canceled',
  'rolled-back-now': 'the rollback was begun by hand',
  superseded: 'another version is live, or on its way',
  snoozed: 'it was snoozed, and the rule cleared meanwhile',
} as const;

function over({ ended, offer }: Countdown): Refusal {
  const who = ended?.by == null ? '' : ` by ${ended.by}`;
  const how = ended === null ? '' : OVER[ended.how];
  return refuse('already_decided', `that countdown to ${offer.toTag} is over: ${how}${who}`, 'Its thread tells how it went on.');
}
