// One line per piece of news, for somebody who watches a job on a terminal.

import type { StoredEvent } from '../core/event.ts';
import { formatDuration } from '../core/time.ts';
import { messageText } from './text.ts';
import { threadNews } from './thread.ts';
import { viewOf } from './view.ts';

export interface Progress {
  readonly lines: readonly string[];
  /** What is going on now, to be drawn over by the next one; null = nothing. */
  readonly current: string | null;
}

export function progressOf(told: StoredEvent, story: readonly StoredEvent[]): Progress {
  if (told.type === 'step.started') {
    const { index, of, title, attempt } = told.data;
    return { lines: [], current: `[${index}/${of}] ${title}${attempt > 1 ? ` (attempt ${attempt})` : ''} ...` };
  }
  if (told.type === 'step.finished') return { lines: [finishedLine(told, story)], current: null };
  if (told.type === 'job.waiting') return { lines: [`waiting: ${told.data.why}`], current: null };
  const view = viewOf(story);
  const news = view === null ? null : threadNews(told, view);
  return { lines: news === null ? [] : messageText(news.content, told.at), current: null };
}

function finishedLine(told: Extract<StoredEvent, { type: 'step.finished' }>, story: readonly StoredEvent[]): string {
  const { step, index, of, direction, durationMs, note } = told.data;
  const started = story.findLast((other) => other.type === 'step.started' && other.data.step === step && other.jobId === told.jobId);
  const title = started?.type === 'step.started' ? started.data.title : step;
  return `[${index}/${of}] ${direction === 'back' ? '(back) ' : ''}${title}: ${note ?? 'done'} (${formatDuration(durationMs)})`;
}
