// A watch as charts: its samples under the limits of both tiers, with what happened marked on them. Pure, like every telling.

import type { ChartFacts, ChartMark, ChartPanel } from '../core/chart.ts';
import type { Config } from '../core/config.ts';
import type { EventOf, StoredEvent } from '../core/event.ts';
import type { Sample } from '../core/sample.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import { utc } from './phrases.ts';
import { clean } from './text.ts';

type Measured = 'responseMs' | 'errorRate' | 'cpu' | 'memory';

export interface Limit {
  readonly warnAbove: number | null;
  readonly backAbove: number | null;
}

export type ChartLimits = Readonly<Record<Measured, Limit>>;

const PANELS = [
  { measure: 'responseMs', label: 'Response time', unit: 'ms' },
  { measure: 'errorRate', label: 'Error rate', unit: '%' },
  { measure: 'cpu', label: 'CPU', unit: '%' },
  { measure: 'memory', label: 'Memory', unit: '%' },
] as const satisfies readonly { readonly measure: Measured; readonly label: string; readonly unit: string }[];

/** More points than pixels tell nothing; of those that fall together the highest stays, because peaks are what people look for. */
const MOST_POINTS = 600;
/** So many intervals without a sample, and the line is broken: nobody looked. */
const GAP = 2.5;
/** Slack takes no more. */
const LONGEST_ALT = 1_000;

/** The limits of today's configuration; an environment that is configured no more has none. */
export function chartLimits({ qualityGates, environments }: Config, environment: string): ChartLimits {
  const warn = qualityGates.performance;
  const back = environments[environment]?.rollback;
  return {
    responseMs: { warnAbove: warn.responseTimeMax, backAbove: back?.responseTime.above ?? null },
    errorRate: { warnAbove: warn.errorRateMax, backAbove: back?.errorRate.above ?? null },
    cpu: { warnAbove: warn.cpuUsageMax, backAbove: back?.cpu.above ?? null },
    memory: { warnAbove: warn.memoryUsageMax, backAbove: back?.memory.above ?? null },
  };
}

/** The watches of a story, in their order. */
export function watchesOf(story: readonly StoredEvent[]): readonly EventOf<'monitor.started'>[] {
  return story.filter((told) => told.type === 'monitor.started');
}

/** `story`: all events of the request up to the moment that is drawn. */
export function chartOf(
  watch: EventOf<'monitor.started'>,
  story: readonly StoredEvent[],
  samples: readonly Sample[],
  limits: ChartLimits,
): ChartFacts {
  const marks = marksOf(story);
  const ended = story.find((told) => told.type === 'monitor.ended' && told.jobId === watch.jobId);
  const times = [...samples.map(({ at }) => at), ...marks.map(({ at }) => at), watch.at];
  return {
    title: `${clean(watch.data.tag)} in ${watch.environment ?? 'unknown'}`,
    from: Math.min(...times),
    until: Math.max(...times, ended?.at ?? watch.data.until),
    panels: PANELS.map(({ measure, label, unit }): ChartPanel => {
      const points = samples.map((sample) => [sample.at, numberOf(sample, measure)] as const);
      return { label, unit, ...limits[measure], points: thinned(withGaps(points, watch.data.intervalMs)) };
    }),
    marks,
  };
}

/** The service's own numbers; where it has no histogram, what the probe through the public port saw. */
function numberOf(sample: Sample, measure: Measured): number | null {
  const value = measure === 'responseMs' ? (sample.responseMs ?? sample.probeMs) : sample[measure];
  return value !== null && Number.isFinite(value) ? value : null;
}

type Point = readonly [Instant, number | null];

function withGaps(points: readonly Point[], intervalMs: DurationMs): readonly Point[] {
  return points.flatMap((point, place) => {
    const before = points[place - 1];
    const broken = before !== undefined && point[0] - before[0] > intervalMs * GAP;
    return broken ? [[before[0] + intervalMs, null] as const, point] : [point];
  });
}

function thinned(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) return points;
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += size) {
    const together = points.slice(from, from + size);
    const highest = together.reduce((most, point) => ((point[1] ?? -1) > (most[1] ?? -1) ? point : most));
    kept.push(highest);
  }
  return kept;
}

function marksOf(story: readonly StoredEvent[]): readonly ChartMark[] {
  const goesBack = story.some((told) => told.type === 'request.made' && told.data.kind === 'rollback');
  const marks: ChartMark[] = [];
  for (const told of story) {
    const kind = markOf(told, goesBack || marks.some((mark) => mark.kind === 'switch'));
    if (kind !== null && !marks.some((mark) => mark.kind === kind && mark.at === told.at)) marks.push({ at: told.at, kind });
  }
  return marks;
}

function markOf(told: StoredEvent, back: boolean): ChartMark['kind'] | null {
  switch (told.type as string) {
    case 'traffic.switched':
      return back ? 'rollback' : 'switch';
    case 'monitor.breached':
    case 'monitor.rule-met':
      return 'breach';
    case 'monitor.recovered':
    case 'monitor.rule-cleared':
      return 'recovery';
    case 'monitor.ended':
      // The rollback has a story of its own; in this one it shows by what became of the watch.
      return told.type === 'monitor.ended' && told.data.verdict === 'superseded' && told.data.why.includes('rollback') ? 'rollback' : null;
    default:
      return null;
  }
}

/** The picture as a sentence, for people who cannot see it: each measure's range and last value against its limits, and the marks. */
export function chartAlt({ title, from, until, panels, marks }: ChartFacts): string {
  const said = panels.map(({ label, unit, points, warnAbove, backAbove }) => {
    const values = points.map(([, value]) => value).filter((value) => value !== null);
    const last = values.at(-1);
    if (last === undefined) return `${label.toLowerCase()} was not measured`;
    const limits = [
      warnAbove === null ? '' : `warns above ${warnAbove} ${unit}`,
      backAbove === null ? '' : `goes back above ${backAbove} ${unit}`,
    ].filter((words) => words !== '');
    const range = `${short(Math.min(...values))} to ${short(Math.max(...values))} ${unit}, last ${short(last)} ${unit}`;
    return `${label.toLowerCase()} ${range}${limits.length === 0 ? '' : ` (${limits.join(', ')})`}`;
  });
  const marked = marks.map(({ at, kind }) => `${kind} at ${utc(at).slice(11)}`);
  const shown = marked.length > 12 ? [...marked.slice(0, 12), `${marked.length - 12} more`] : marked;
  const text = `Charts of ${title} from ${utc(from)} to ${utc(until)}: ${said.join('; ')}. ${shown.length === 0 ? 'Nothing is marked.' : `Marked: ${shown.join(', ')}.`}`;
  return text.length > LONGEST_ALT ? `${text.slice(0, LONGEST_ALT - 1)}…` : text;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
