// When the thread gets a chart: at every breach, at half of the watch, and at its end.

import type { ChartUpload } from '../core/chart.ts';
import type { EventOf, StoredEvent } from '../core/event.ts';
import type { Sample } from '../core/sample.ts';
import type { Instant } from '../core/time.ts';
import { type ChartLimits, chartAlt, chartOf, watchesOf } from './chart.ts';
import { tPlus } from './phrases.ts';

export interface ChartDue {
  readonly key: string;
  readonly at: Instant;
  readonly request: string;
  readonly watch: EventOf<'monitor.started'>;
  readonly title: string;
}

/** `story`: every event of the same request. null = no chart belongs to this event. */
export function chartDue(told: StoredEvent, story: readonly StoredEvent[]): ChartDue | null {
  const watch = watchesOf(story).find(({ jobId }) => jobId === told.jobId);
  if (watch === undefined || told.requestId === null) return null;
  const why = reason(told, story, watch);
  // Several breaches of one look are one picture: the last of them has all the others behind it.
  const later = story.some((other) => other.seq > told.seq && other.at === told.at && reason(other, story, watch) !== null);
  if (why === null || later) return null;
  return { key: `chart:${told.requestId}:${told.seq}`, at: told.at, request: told.requestId, watch, title: `${watch.data.tag}: ${why}` };
}

export function chartUpload(
  due: ChartDue,
  told: StoredEvent,
  story: readonly StoredEvent[],
  samples: readonly Sample[],
  limits: ChartLimits,
): ChartUpload {
  const until = story.filter(({ seq }) => seq <= told.seq);
  const chart = chartOf(
    due.watch,
    until,
    samples.filter(({ at }) => at <= told.at),
    limits,
  );
  return { filename: `${due.request}-${told.seq}.png`, title: due.title, alt: chartAlt(chart), chart };
}

function reason(told: StoredEvent, story: readonly StoredEvent[], watch: EventOf<'monitor.started'>): string | null {
  if (told.jobId !== watch.jobId) return null;
  switch (told.type as string) {
    case 'monitor.breached':
    case 'monitor.rule-met':
      return 'breach';
    case 'monitor.ended':
      return 'the whole watch';
    default:
      return told.type === 'monitor.updated' && isHalf(told, story, watch) ? tPlus(told.data.offsetMs) : null;
  }
}

/** The first summary at or after half of the window. */
function isHalf(told: EventOf<'monitor.updated'>, story: readonly StoredEvent[], watch: EventOf<'monitor.started'>): boolean {
  const half = (watch.data.until - watch.at) / 2;
  // The window is opened a moment before it is told.
  const reached = (offsetMs: number) => offsetMs >= half - watch.data.intervalMs;
  const first = story.find((other) => other.type === 'monitor.updated' && other.jobId === watch.jobId && reached(other.data.offsetMs));
  return first?.seq === told.seq;
}
