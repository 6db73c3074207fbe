// What the thread is told of a watch beside its summaries and alerts: what was before, and what people see.

import type { EventOf, StoredEvent } from '../core/event.ts';
import { type Action, type Line, type Message, message, quiet, type ThreadNews } from './message.ts';
import { measureLine } from './phrases.ts';
import type { RequestView } from './view.ts';

/** null = not of this kind, or not worth a message. */
export function moreWatchNews(told: StoredEvent, view: RequestView): ThreadNews | null {
  switch (told.type) {
    case 'monitor.baseline':
      return told.data.failing.length === 0 ? null : quiet(failedBefore(told));
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
