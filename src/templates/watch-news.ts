// What the thread is told of a watch beside its summaries: rules, sight regained, what was before, and what people see.

import type { People } from '../core/config.ts';
import type { EventOf, StoredEvent } from '../core/event.ts';
import { type Action, type Line, type Message, message } from './message.ts';
import { measureLine, ping, rollbackAction } from './phrases.ts';
import type { ThreadNews } from './thread.ts';
import type { RequestView } from './view.ts';

/** null = not of this kind, or not worth a message. */
export function moreWatchNews(told: StoredEvent, view: RequestView, people: People): ThreadNews | null {
  switch (told.type) {
    case 'monitor.baseline':
      return told.data.failing.length === 0 ? null : quiet(failedBefore(told));
    case 'monitor.sighted':
      return quiet(message('good', `The watch of ${view.environment} sees again: ${told.data.source}`));
    case 'monitor.rule-met':
      return { content: ruleMet(told, view, people), broadcast: told.data.mode !== 'observe' };
    case 'monitor.rule-cleared':
      return quiet(message('good', `The rollback rule "${told.data.rule}" has cleared: ${told.data.value}`));
    case 'problem.reported':
      return quiet(
        message('warn', `${told.actor?.name ?? 'somebody'} reports a problem in ${view.environment}`, { lines: [[told.data.text]] }),
      );
    default:
      return null;
  }
}

export function reportAction(view: RequestView): Action {
  return {
    label: 'Report a problem',
    verb: 'report',
    style: 'plain',
    value: { request: view.id, expect: null, environment: view.environment },
    // The dialog that asks what it is comes before anything happens.
    confirm: null,
  };
}

function failedBefore({ data }: EventOf<'monitor.baseline'>): Message {
  const lines: Line[] = data.measures.filter(({ gate }) => data.failing.includes(gate)).map(measureLine);
  return message('warn', 'Was failing already, before anything was changed', {
    lines: [...lines, ['The new version is judged by what gets markedly worse.']],
  });
}

function ruleMet({ data }: EventOf<'monitor.rule-met'>, view: RequestView, people: People): Message {
  const { rule, value, threshold, detail, mode, rollback } = data;
  const title = `Rollback rule met in ${view.environment}: ${rule} is ${value}`;
  const lines: Line[] = [[`Want: not ${threshold}. It was ${detail}.`]];
  if (mode === 'observe') return message('warn', title, { lines: [...lines, ['This rule only observes: nothing is done.']] });
  return message('bad', title, {
    lines: [
      ...lines,
      rollback === null ? ['No backup is pinned to go back to.'] : [`Ready to go back to ${rollback.toTag}.`],
      ping(people),
    ],
    actions: rollback === null ? [] : [rollbackAction(rollback, view.environment, view.id)],
    footer: [rollback === null ? `/dhash backup list ${view.environment}` : `or: /dhash rollback ${view.environment}`],
  });
}

function quiet(content: Message): ThreadNews {
  return { content, broadcast: false };
}
