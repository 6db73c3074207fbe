// The report of a request: the same facts twice, for people (Markdown) and for programs (JSON).

import type { StoredEvent } from '../core/event.ts';
import { formatDuration, formatUtc } from '../core/time.ts';
import { card } from './card.ts';
import { lineText } from './text.ts';
import { threadNews } from './thread.ts';
import { type RequestView, viewOf } from './view.ts';

export const REPORT_SCHEMA_VERSION = 1;

export interface Report {
  readonly markdown: string;
  readonly json: string;
}

const NOBODY = { reviewers: [], ops: [], deployLead: null, oncall: null, mediaEng: null, engineeringManager: null, shell: {} };

export function reportOf(story: readonly StoredEvent[]): Report | null {
  const view = viewOf(story);
  if (view === null) return null;
  const json = JSON.stringify(
    {
      schemaVersion: REPORT_SCHEMA_VERSION,
      ...view,
      timeline: story.map(({ seq, at, type, actor, data, hash }) => ({ seq, at: formatUtc(at), type, actor, data, hash })),
    },
    null,
    2,
  );
  return { markdown: markdown(view, story), json: `${json}\n` };
}

function markdown(view: RequestView, story: readonly StoredEvent[]): string {
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
    ...section('Steps', stepRows(view, story), '| step | state | took | note |\n|---|---|---|---|'),
    ...section('Timeline', timeline(story), '| time | what |\n|---|---|'),
    ...tail(view),
    `Last event: ${story.at(-1)?.seq ?? 0}, hash ${story.at(-1)?.hash ?? ''}`,
    '',
  ];
  return parts.join('\n');
}

function stepRows(view: RequestView, story: readonly StoredEvent[]): readonly string[] {
  return view.steps.map(({ name, title, direction, state, note }) => {
    const finished = story.findLast(
      (told) => told.type === 'step.finished' && told.data.step === name && told.data.direction === direction,
    );
    const took = finished?.type === 'step.finished' ? formatDuration(finished.data.durationMs) : '';
    return `| ${direction === 'back' ? '(back) ' : ''}${title} | ${state} | ${took} | ${plain(note ?? '')} |`;
  });
}

/** The lines the thread was told, with their times. */
function timeline(story: readonly StoredEvent[]): readonly string[] {
  return story.flatMap((told, at) => {
    const view = viewOf(story.slice(0, at + 1));
    const news = view === null ? null : threadNews(told, view, NOBODY);
    return news === null ? [] : [`| ${formatUtc(told.at)} | ${plain(news.content.title)} |`];
  });
}

function section(title: string, rows: readonly string[], head: string): readonly string[] {
  return rows.length === 0 ? [] : [`## ${title}`, '', head, ...rows, ''];
}

function tail({ failure }: RequestView): readonly string[] {
  if (failure === null || failure.tail.length === 0) return [];
  return ['## Last output', '', ...failure.tail.map((line) => `    ${line}`), ''];
}

/** Text from outside must not become markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, (char) => `\\${char}`).replaceAll('\n', ' ');
}
