// Calling people, in words. The only place that pings anybody.

import type { EventOf, StoredEvent } from '../core/event.ts';
import { formatDuration } from '../core/time.ts';
import { type Fact, type Line, loud, type Message, message, quiet, type ThreadNews } from './message.ts';
import { mention, roleName } from './people.ts';
import { ackAction, rollbackAction, snoozeAction } from './phrases.ts';
import type { RequestView } from './view.ts';

export function escalationNews(told: StoredEvent, view: RequestView): ThreadNews | null {
  switch (told.type) {
    case 'escalation.called':
      return called(told, view);
    case 'escalation.skipped': {
      const { incident, to, rung, of, why } = told.data;
      return quiet(message('warn', `${incident}: the ${roleName(to)} cannot be called (${rung} of ${of})`, { lines: [[`${why}.`]] }));
    }
    case 'escalation.ended':
      return ended(told, view);
    default:
      return null;
  }
}

/** The first call stands beside its alert in the thread; everybody after that is called before the whole channel. */
function called(told: EventOf<'escalation.called'>, view: RequestView): ThreadNews {
  const { incident, kind, about, to, person, rung, of, reach, rollback } = told.data;
  const { id, environment } = view;
  const lines: Line[] = [[mention(to, person), ` please look after it. (${rung} of ${of})`], [about]];
  if (reach === 'unknown') lines.push(['Slack does not tell who is in that group: it may be deleted. The next one is called at once.']);
  if (rung === of) lines.push(['This is the last one on the list: nobody else will be called.']);
  const content = message('bad', `${kind === 'emergency' ? 'EMERGENCY ' : ''}${incident}: the ${roleName(to)} is called`, {
    facts: kind === 'emergency' ? emergencyFacts(told, view) : [],
    lines,
    actions: [
      ...(rollback === null ? [] : [rollbackAction(rollback, environment, id, { now: told.at })]),
      ackAction(id, environment, incident),
      snoozeAction(id, environment),
    ],
    footer: [`or: /dhash ack ${id}`],
  });
  return rung === 1 && kind !== 'emergency' ? quiet(content) : loud(content);
}

function emergencyFacts({ data }: EventOf<'escalation.called'>, view: RequestView): readonly Fact[] {
  const { rollback, meeting } = data;
  const back =
    rollback === null
      ? 'no: there is nothing pinned to go back to'
      : `yes: to ${rollback.toTag}${rollback.verifiedAt === null ? ', its backup is NOT verified' : ''}${estimate(rollback.estimateMs)}`;
  return [
    { label: 'Incident', value: [data.incident] },
    { label: 'Live', value: [view.watch?.tag ?? view.tag ?? 'unknown'] },
    { label: 'Rollback possible', value: [back] },
    {
      label: 'Meet at',
      value: [meeting === null ? 'no meeting link is configured (notify.meeting)' : { link: meeting, label: 'the meeting' }],
    },
  ];
}

function estimate(ms: number | null | undefined): string {
  return ms == null ? '' : `, in about ${formatDuration(ms)}`;
}

function ended({ data }: EventOf<'escalation.ended'>, { alerts }: RequestView): ThreadNews | null {
  const { incident, how } = data;
  const say = (content: Message) => quiet(content);
  switch (how) {
    case 'acknowledged':
    case 'raised':
      // The acknowledgment, or the graver alarm, has been told already.
      return null;
    case 'recovered':
      return say(message('good', `${incident} is over: it recovered`));
    case 'rolled-back':
      return say(message('good', `${incident} is over: it was rolled back`));
    case 'superseded':
      return say(message('info', `${incident} is over: another version is live`));
    case 'exhausted':
      if (alerts.incidents.find(({ id }) => id === incident)?.rungs.length === 0) return null;
      return loud(message('bad', `${incident}: nobody acknowledged it`, { lines: [['Everybody on the list was called.']] }));
  }
}
