// The card of a request while a step goes on: the card as its events draw it, and what the one row beside the log adds to it.

import type { StoredEvent } from '../core/event.ts';
import type { Progress } from '../core/glance.ts';
import { counted } from '../core/units.ts';
import { card } from './card.ts';
import type { Message } from './message.ts';
import { isQuiet } from './story.ts';
import { viewOf } from './view.ts';

/** null = the row is about something that is not going on any more (its worker died, or the log is ahead of it): nothing is drawn from it. */
export function liveCard(story: readonly StoredEvent[], progress: Progress): Message | null {
  const view = viewOf(story);
  if (view === null || view.state !== 'open' || isQuiet(view)) return null;
  const step = view.steps.find(({ name, direction }) => name === progress.step && direction === progress.direction);
  if (step?.state !== 'running' || attemptOf(story, progress.jobId) !== progress.attempt) return null;
  const drawn = card(view);
  return {
    ...drawn,
    lines: [
      ...drawn.lines,
      ...progress.service.map((line) => [line]),
      progress.printed === 0
        ? [{ strong: step.title }, ' goes on; seen at ', { time: progress.at }]
        : [{ strong: step.title }, ` has printed ${counted(progress.printed, 'line')}; the last, at `, { time: progress.at }, ':'],
    ],
    tail: progress.lines,
  };
}

/** A retry is told by the failure before it. */
function attemptOf(story: readonly StoredEvent[], jobId: string): number | null {
  const last = story.findLast((told) => told.jobId === jobId && (told.type === 'step.started' || told.type === 'step.failed'));
  if (last?.type === 'step.started') return last.data.attempt;
  return last?.type === 'step.failed' ? last.data.attempt + 1 : null;
}
