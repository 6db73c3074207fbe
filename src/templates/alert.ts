// What is told when something is wrong with what is live, and what the bot or people do about it.

import type { EventOf, RollbackOffer, StoredEvent } from '../core/event.ts';
import { formatDuration } from '../core/time.ts';
import { escalationNews } from './escalation.ts';
import { type Action, type Fact, type Line, loud, type Message, message, quiet, type ThreadNews } from './message.ts';
import { ackAction, rollbackAction, snoozeAction, stopAction } from './phrases.ts';
import type { RequestView } from './view.ts';

/** null = nothing of this was told by the event. */
export function alertNews(told: StoredEvent, view: RequestView): ThreadNews | null {
  const who = told.actor?.name ?? 'somebody';
  switch (told.type) {
    case 'monitor.breached':
      return loud(breach(told, view));
    case 'monitor.blind':
      return blind(told, view);
    case 'monitor.sighted':
      return quiet(message('good', `The watch sees ${told.data.source} again`));
    case 'monitor.rule-met':
      return ruleMet(told, view);
    case 'monitor.rule-cleared':
      return quiet(message('good', `The rollback rule ${told.data.rule} is not met any more: ${told.data.value}`));
    case 'rollback.counting':
      return loud(counting(told, view));
    case 'rollback.countdown-ended':
      return countdownEnded(told, view);
    case 'rollback.withheld':
      return loud(
        message('bad', `${view.environment} is NOT rolled back by itself (rule ${told.data.rule})`, {
          lines: [[`Why: ${told.data.why}`], ['A person has to decide.']],
        }),
      );
    case 'rollback.armed':
      return quiet(armed(told));
    case 'rollback.unarmed':
      return loud(unarmed(told, view));
    case 'alert.snoozed':
      return quiet(
        message('info', `${who} snoozed it`, {
          lines: [['Until ', { time: told.data.until }, ' nobody is called and nothing counts down, unless something else goes wrong.']],
        }),
      );
    case 'alert.snooze-ended':
      return quiet(message('warn', 'The snooze is over early', { lines: [[`Because: ${told.data.why}`]] }));
    case 'alert.acknowledged':
      return quiet(message('info', `${who} looks after it (${told.data.gate})`, { lines: [['Acknowledged at ', { time: told.at }, '.']] }));
    default:
      return escalationNews(told, view);
  }
}

/** What the card says about alerts: who looks after it, until when it is held, when it rolls back. */
export function alertFacts({ alerts, lastAt, options }: RequestView): readonly Fact[] {
  const counting = alerts.countdowns.findLast(({ ended }) => ended === null);
  const snoozed = alerts.snoozes.findLast(({ until }) => until > lastAt);
  const acked = alerts.incidents.at(-1)?.acked ?? null;
  const rows: (Fact | null)[] = [
    typeof options['override'] === 'string' ? { label: 'Rolled back before; overridden', value: [options['override']] } : null,
    counting === undefined ? null : { label: 'Rolls back by itself', value: [{ time: counting.until }, ` (rule ${counting.rule})`] },
    snoozed === undefined ? null : { label: 'Snoozed', value: [`by ${snoozed.by} until `, { time: snoozed.until }] },
    acked === null ? null : { label: 'Looked after', value: [`by ${acked.by} since `, { time: acked.at }] },
  ];
  return rows.filter((row) => row !== null);
}

function breach(told: EventOf<'monitor.breached'>, view: RequestView): Message {
  const { gate, value, threshold, failures, rollback } = told.data;
  return message('bad', `Breach in ${view.environment}: ${gate} is ${value}, want ${threshold}`, {
    lines: [[`${failures} checks in a row failed. Live: ${view.watch?.tag ?? view.tag ?? 'unknown'}.`], ready(rollback)],
    actions: answers(rollback, view, gate, told.at),
    footer: wayOut(rollback, view),
  });
}

/** Whoever was called for a breach looks already: then it is said without being loud again. */
function blind(told: EventOf<'monitor.blind'>, view: RequestView): ThreadNews {
  const { source, detail } = told.data;
  const called = view.watch !== null && view.watch.breached.length > 0;
  const content = message('warn', `The watch of ${view.environment} is blind: ${source}`, {
    lines: [[detail], ['Nothing is certified while it cannot see.']],
    actions: [ackAction(view.id, view.environment, source)],
  });
  return called ? quiet(content) : loud(content);
}

function ruleMet(told: EventOf<'monitor.rule-met'>, view: RequestView): ThreadNews {
  const { rule, value, threshold, detail, mode, rollback } = told.data;
  const title = `Rollback rule met in ${view.environment}: ${rule} is ${value}, limit ${threshold}`;
  if (mode === 'observe') return quiet(message('warn', title, { lines: [[detail], ['This rule only tells (mode observe).']] }));
  const how = mode === 'auto' ? 'This rule rolls back by itself.' : 'This rule asks: press Rollback now.';
  const content = message('bad', title, {
    lines: [[detail], [how], ready(rollback)],
    actions: mode === 'auto' ? [] : answers(rollback, view, rule, told.at),
    footer: wayOut(rollback, view),
  });
  return mode === 'auto' ? quiet(content) : loud(content);
}

function counting(told: EventOf<'rollback.counting'>, view: RequestView): Message {
  const { until, rule, offer } = told.data;
  const { environment, id } = view;
  return message('bad', `Rolling ${environment} back in ${formatDuration(until - told.at)}: ${offer.fromTag} -> ${offer.toTag}`, {
    lines: [['At ', { time: until }, ` the rule ${rule} rolls back by itself, unless somebody stops it.`], ready(offer)],
    actions: [
      rollbackAction(offer, environment, id, { label: 'Roll back now', now: told.at }),
      stopAction(id, environment, told.jobId ?? '', offer.fromTag),
      snoozeAction(id, environment),
    ],
    footer: [`or: /dhash cancel ${id}`],
  });
}

function countdownEnded({ data }: EventOf<'rollback.countdown-ended'>, view: RequestView): ThreadNews {
  const by = data.by ?? 'somebody';
  switch (data.how) {
    case 'fired':
      return loud(message('bad', `Rolling ${view.environment} back now (rule ${data.rule}): ${data.requestId ?? ''}`));
    case 'canceled':
      return loud(
        message('warn', `${by} canceled the rollback`, { lines: [[`${view.watch?.tag ?? view.tag ?? 'What is live'} stays live.`]] }),
      );
    case 'rolled-back-now':
      return quiet(message('warn', `${by} did not wait for the countdown`));
    case 'snoozed':
      return quiet(message('good', `Not rolling back: the rule ${data.rule} cleared while ${by}'s snooze lasted`));
    case 'superseded':
      return quiet(message('info', 'The countdown is over: another version is live, or on its way'));
  }
}

function armed({ data }: EventOf<'rollback.armed'>): Message {
  const { backup, toTag, estimateMs, measured } = data;
  const took = measured ? `the last rollback took ${formatDuration(estimateMs)}` : `promised are ${formatDuration(estimateMs)}`;
  return message('good', `The way back to ${toTag} is open`, {
    lines: [[{ code: backup }, ` verified again, there is room for it; ${took}.`]],
  });
}

function unarmed(told: EventOf<'rollback.unarmed'>, view: RequestView): Message {
  const { backup, why, next } = told.data;
  const { environment, id } = view;
  const lines: Line[] = [[{ code: backup }, `: ${why}`]];
  if (next === null)
    return message('bad', `The way back is NOT safe in ${environment}`, {
      lines: [...lines, ['There is no other verified backup to go to, or no room for one.']],
      footer: [`/dhash backup list ${environment}`],
    });
  return message('bad', `${environment} would go back to ${next.toTag} now: the pinned backup does not verify`, {
    lines: [...lines, [`The next good one is `, { code: next.backup }, ' of ', { time: next.backupAt }, ', verified just now.']],
    actions: [rollbackAction(next, environment, id, { now: told.at })],
  });
}

function ready(offer: RollbackOffer | null): Line {
  if (offer === null) return ['No backup is pinned to go back to.'];
  return offer.verifiedAt === null
    ? [`The backup of ${offer.toTag} is NOT verified; a rollback verifies it first.`]
    : [`Ready to go back to ${offer.toTag}; its backup was verified `, { time: offer.verifiedAt }, '.'];
}

function answers(offer: RollbackOffer | null, { id, environment }: RequestView, about: string, now: number): readonly Action[] {
  const rest = [ackAction(id, environment, about), snoozeAction(id, environment)];
  return offer === null ? rest : [rollbackAction(offer, environment, id, { now }), ...rest];
}

function wayOut(offer: RollbackOffer | null, { environment }: RequestView): Line {
  return [offer === null ? `/dhash backup list ${environment}` : `or: /dhash rollback ${environment}`];
}
