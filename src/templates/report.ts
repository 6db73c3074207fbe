// The report of a request as Markdown and as JSON; report-page.ts has the same facts as a page.

import type { ChartFacts } from '../core/chart.ts';
import type { StoredEvent } from '../core/event.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import { card } from './card.ts';
import { chartAlt } from './chart.ts';
import { clockOf, peopleOf, stepTimes } from './report-facts.ts';
import { clean, lineText } from './text.ts';
import { threadNews } from './thread.ts';
import { type RequestView, viewOf } from './view.ts';

/** Within a version fields are only added. */
const REPORT_SCHEMA_VERSION = 1;

export interface Report {
  readonly markdown: string;
  readonly json: string;
}

export function reportOf(story: readonly StoredEvent[], charts: readonly ChartFacts[] = []): Report | null {
  const view = viewOf(story);
  if (view === null) return null;
  const json = JSON.stringify(
    {
      schemaVersion: REPORT_SCHEMA_VERSION,
      ...view,
      people: peopleOf(story),
      rollbackClock: clockOf(view, story),
      charts,
      timeline: story.map(({ seq, at, type, actor, data, hash }) => ({ seq, at: formatUtc(at), type, actor, data, hash })),
    },
    null,
    2,
  );
  return { markdown: markdown(view, story, charts), json: `${json}\n` };
}

function markdown(view: RequestView, story: readonly StoredEvent[], charts: readonly ChartFacts[]): string {
  const drawn = card(view);
  const parts = [
    `# ${plain(drawn.title)}`,
    '',
    ...drawn.facts.map(({ label, value }) => `- ${label}: ${plain(lineText(value))}`),
    ...drawn.lines.map((line) => `- ${plain(lineText(line))}`),
    '',
    ...section(
      'Checklist',
      view.evidence.map(({ check, result, at }) => `| ${check} | ${result.kind} | ${plain(result.detail)} | ${formatUtc(at)} |`),
      '| check | answer | evidence | as of |\n|---|---|---|---|',
    ),
    ...charts.map((chart) => `${plain(chartAlt(chart))}\n`),
    ...section('Steps', stepRows(view, story), '| step | state | took | note |\n|---|---|---|---|'),
    ...section(
      'Timeline',
      storyLines(story).map(({ at, text }) => `| ${formatUtc(at)} | ${plain(text)} |`),
      '| time | what |\n|---|---|',
    ),
    ...tail(view),
    `Last event: ${story.at(-1)?.seq ?? 0}, hash ${story.at(-1)?.hash ?? ''}`,
    '',
  ];
  return parts.join('\n');
}

function stepRows(view: RequestView, story: readonly StoredEvent[]): readonly string[] {
  return stepTimes(view, story).map(({ step: { title, direction, state, note }, tookMs }) => {
    const took = tookMs === null ? '' : formatDuration(tookMs);
    return `| ${direction === 'back' ? '(back) ' : ''}${title} | ${state} | ${took} | ${plain(note ?? '')} |`;
  });
}

/** The lines the thread was told, with their times. */
export function storyLines(story: readonly StoredEvent[]): readonly { readonly at: Instant; readonly text: string }[] {
  return story.flatMap((told, at) => {
    const view = viewOf(story.slice(0, at + 1));
    const news = view === null ? null : threadNews(told, view);
    return news === null ? [] : [{ at: told.at, text: news.content.title }];
  });
}

function section(title: string, rows: readonly string[], head: string): readonly string[] {
  return rows.length === 0 ? [] : [`## ${title}`, '', head, ...rows, ''];
}

function tail({ failure }: RequestView): readonly string[] {
  if (failure === null || failure.tail.length === 0) return [];
  return ['## Last output', '', ...failure.tail.map((line) => `    ${clean(line)}`), ''];
}

/** Text from outside must not become markup. */
function plain(text: string): string {
  return clean(text).replace(/[\\`*_{}[\]<>|#]/g, (char) => `\\${char}`);
}
