// The card of a request while what it made live is watched: the card as its events draw it, with the newest look in place of the last summary's.

import type { Measure, StoredEvent } from '../core/event.ts';
import type { Sample } from '../core/sample.ts';
import { formatDuration, type Instant } from '../core/time.ts';
import { card } from './card.ts';
import type { ChartLimits } from './chart.ts';
import type { Line, Message } from './message.ts';
import { bar, measureLine } from './phrases.ts';
import { sparkline } from './sparkline.ts';
import { type RequestView, viewOf } from './view.ts';

export interface Look {
  readonly jobId: string;
  /** Of the newest look. */
  readonly at: Instant;
  readonly measures: readonly Measure[];
  /** Of the whole watch so far, oldest first. */
  readonly samples: readonly Sample[];
  readonly limits: ChartLimits;
}

const CURVES = {
  'response-time': { of: 'responseMs', limit: 'responseMs' },
  probe: { of: 'probeMs', limit: 'responseMs' },
  'error-rate': { of: 'errorRate', limit: 'errorRate' },
  cpu: { of: 'cpu', limit: 'cpu' },
  memory: { of: 'memory', limit: 'memory' },
} as const;
const isCurve = (gate: string): gate is keyof typeof CURVES => Object.hasOwn(CURVES, gate);

const WIDTH = 16;
/** Less is noise. */
const MOVED = 0.2;

/** null = that watch is over, or the story does not know of it yet. */
export function liveWatch(story: readonly StoredEvent[], look: Look): Message | null {
  const view = viewOf(story);
  if (view?.watch == null || view.watch.jobId !== look.jobId || view.watch.ended !== null || look.at < view.watch.from) return null;
  const { from, until } = view.watch;
  const left = Math.max(0, until - look.at);
  const looked: RequestView = { ...view, lastAt: Math.max(view.lastAt, look.at), watch: { ...view.watch, measures: [] } };
  const drawn = card(looked);
  return {
    ...drawn,
    lines: [
      ...drawn.lines,
      [
        { code: bar((look.at - from) / Math.max(1, until - from)) },
        ` ${formatDuration(left)} of the watch left; looked at `,
        { time: look.at },
      ],
      ...look.measures.map((measure) => curveLine(measure, look)),
      ...incidentLines(view),
      ...reportLines(story),
    ],
  };
}

function curveLine(measure: Measure, { samples, limits }: Look): Line {
  if (!isCurve(measure.gate)) return measureLine(measure);
  const { of, limit } = CURVES[measure.gate];
  const values = samples.map((sample) => sample[of]);
  const curve = sparkline(values, limits[limit].warnAbove ?? 0, WIDTH);
  return [...measureLine(measure), ' ', { code: curve }, ` ${trend(values)}`];
}

/** The last third against what was before it, by their medians: one peak is no trend. */
function trend(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 6) return '';
  const split = known.length - Math.floor(known.length / 3);
  const [before, now] = [median(known.slice(0, split)), median(known.slice(split))];
  if (now > before * (1 + MOVED) && now - before > 0.1) return 'rising';
  return now < before * (1 - MOVED) && before - now > 0.1 ? 'falling' : 'steady';
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function incidentLines({ alerts }: RequestView): readonly Line[] {
  return alerts.incidents.map(({ id, about, acked, ended }): Line => {
    const state = ended !== null && ended !== 'acknowledged' ? ended : acked === null ? 'open' : `${acked.by} looks after it`;
    return [{ strong: `${id}: ${state}` }, `, ${about}`];
  });
}

function reportLines(story: readonly StoredEvent[]): readonly Line[] {
  const reports = story.filter(({ type }) => type === 'problem.reported');
  const people = new Set(reports.map(({ actor }) => actor?.id)).size;
  return reports.length === 0
    ? []
    : [[{ strong: `Problems reported: ${reports.length}` }, `, by ${people} ${people === 1 ? 'person' : 'people'}`]];
}
