// The report of a request as one page that needs nothing else: no script, no request, light and dark and on paper.

import { formatBytes } from '../core/bytes.ts';
import type { ChartFacts } from '../core/chart.ts';
import type { StoredEvent } from '../core/event.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import { counted } from '../core/units.ts';
import { card } from './card.ts';
import { chartAlt } from './chart.ts';
import { badge, esc, escLines, type Mark, page, section, table } from './html.ts';
import { storyLines } from './report.ts';
import { clockOf, peopleOf, stepTimes } from './report-facts.ts';
import { lineText } from './text.ts';
import type { RequestView } from './view.ts';

export interface DrawnChart {
  readonly facts: ChartFacts;
  /** null = it could not be drawn; its numbers are told all the same. */
  readonly light: string | null;
  readonly dark: string | null;
}

export interface JobLog {
  readonly name: string;
  readonly lines: readonly string[];
}

export interface PageParts {
  readonly view: RequestView;
  readonly story: readonly StoredEvent[];
  readonly charts: readonly DrawnChart[];
  readonly logs: readonly JobLog[];
}

export function reportPage({ view, story, charts, logs }: PageParts): string {
  const drawn = card(view);
  const last = story.at(-1);
  return page(
    drawn.title,
    [
      `<header><h1>${esc(drawn.title)}</h1>`,
      `<p>${badge(...verdict(view))} <span class="soft">${esc(view.id)} - as of ${time(view.lastAt)}</span></p></header>`,
      section('In short', list([...drawn.facts.map(({ label, value }) => [label, esc(lineText(value))] as const), ...outcome(view)])),
      section('People', table([{ head: 'who' }, { head: 'did' }, { head: 'when', numeric: true }], peopleRows(story))),
      section('Charts', charts.map(figure).join('\n')),
      section('Gate values', gates(view)),
      section('Checklist', checklist(view)),
      section('Rollback clock', clock(view, story)),
      section('Backup', backup(view)),
      section('Steps', steps(view, story)),
      section('Timeline', rows(storyLines(story), [{ head: 'time', numeric: true }, { head: 'what' }])),
      section('Last output', [...failureTail(view), ...logs.map(log)].join('\n')),
      `<p class="soft">Drawn from the hash-chained log up to event ${last?.seq ?? 0}, hash <code>${esc(last?.hash ?? '')}</code>. The same facts:`,
      `<a href="${esc(view.id)}.json">JSON</a>, <a href="${esc(view.id)}.md">Markdown</a>. <a href="./">All reports</a></p>`,
    ].join('\n'),
  );
}

function verdict(view: RequestView): [string, Mark] {
  const ended = view.watch?.ended ?? null;
  if (view.state === 'failed') return ['failed', 'bad'];
  if (view.state !== 'succeeded' && view.state !== 'open') return [view.state, 'warn'];
  if (ended !== null) return [ended.verdict.replace('-', ' '), ended.verdict === 'certified' ? 'good' : 'warn'];
  if (view.watch !== null) return view.watch.breached.length > 0 ? ['in breach', 'bad'] : ['being watched', 'plain'];
  return view.state === 'open' ? ['running', 'plain'] : ['succeeded', 'good'];
}

function outcome(view: RequestView): readonly (readonly [string, string])[] {
  const { failure, watch, approvals } = view;
  const ended = watch?.ended ?? null;
  return [
    ...(view.why === null || view.why === view.state ? [] : [['Why', esc(view.why)] as const]),
    ...(failure === null ? [] : [['What failed', esc(`${failure.step}: ${failure.message}`)] as const]),
    ...(failure?.hint == null ? [] : [['What to do', esc(failure.hint)] as const]),
    ...(ended === null
      ? []
      : [
          [
            'Watch',
            esc(`${ended.verdict}: ${ended.why} (${counted(ended.checks, 'check')}, ${counted(ended.breaches, 'breach', 'breaches')})`),
          ] as const,
        ]),
    ...(approvals === null ? [] : [['Digest approved', `<code>${esc(approvals.digest)}</code>`] as const]),
  ];
}

function peopleRows(story: readonly StoredEvent[]): readonly (readonly string[])[] {
  return peopleOf(story).map(({ who, did, at }) => [esc(who), esc(did), time(at)]);
}

function figure({ facts, light, dark }: DrawnChart): string {
  const alt = esc(chartAlt(facts));
  // Drawn by us from numbers and escaped texts: the one piece that goes in as markup.
  const picture = (svg: string | null, theme: string) =>
    svg === null ? '' : `<div class="${theme}" role="img" aria-label="${alt}">${svg}</div>`;
  return `<figure>${picture(light, 'for-light')}${picture(dark, 'for-dark')}<figcaption>${alt}</figcaption></figure>`;
}

function gates({ watch }: RequestView): string {
  if (watch === null || watch.measures.length === 0) return '';
  const marks = { pass: 'good', fail: 'bad', unknown: 'warn', error: 'warn' } as const;
  const columns = [{ head: 'gate' }, { head: 'value', numeric: true }, { head: 'wanted', numeric: true }, { head: 'answer' }];
  return table(
    columns,
    watch.measures.map(({ label, value, threshold, state }) => [esc(label), esc(value), esc(threshold), badge(state, marks[state])]),
  );
}

function checklist({ evidence }: RequestView): string {
  const columns = [{ head: 'check' }, { head: 'answer' }, { head: 'evidence' }, { head: 'as of', numeric: true }];
  const marks: Readonly<Record<string, Mark>> = { pass: 'good', fail: 'bad' };
  return evidence.length === 0
    ? ''
    : table(
        columns,
        evidence.map(({ check, result, at }) => [
          esc(check),
          badge(result.kind, marks[result.kind] ?? 'warn'),
          esc(result.detail),
          time(at),
        ]),
      );
}

function clock(view: RequestView, story: readonly StoredEvent[]): string {
  const found = clockOf(view, story);
  if (found === null) return '';
  const { what, tookMs, promisedMs } = found;
  const kept = promisedMs === null || tookMs <= promisedMs;
  const promise = promisedMs === null ? '' : ` against ${formatDuration(promisedMs)} promised`;
  return `<p>${badge(kept ? 'in time' : 'too late', kept ? 'good' : 'bad')} ${esc(`${what} took ${formatDuration(tookMs)}${promise}.`)}</p>`;
}

function backup({ backup: made, live, options }: RequestView): string {
  const target = live?.rollbackBackup ?? null;
  const facts: (readonly [string, string])[] = [];
  if (made !== null)
    facts.push(
      ['File', `<code>${esc(made.file)}</code>`],
      ['SHA-256', `<code>${esc(made.sha256)}</code>`],
      ['Size', esc(formatBytes(made.bytes))],
      ['Made', time(made.at)],
    );
  if (target !== null) facts.push(['Pinned to go back to', `<code>${esc(target)}</code> ${esc(live?.rollbackTag ?? '')}`]);
  if (typeof options['backup'] === 'string') facts.push(['Restored from', `<code>${esc(options['backup'])}</code>`]);
  return facts.length === 0 ? '' : list(facts);
}

function steps(view: RequestView, story: readonly StoredEvent[]): string {
  const marks: Readonly<Record<string, Mark>> = { done: 'good', failed: 'bad', waiting: 'warn', running: 'warn' };
  const columns = [{ head: 'step' }, { head: 'state' }, { head: 'took', numeric: true }, { head: 'note' }];
  const told = stepTimes(view, story).map(({ step: { title, direction, state, note }, tookMs }) => [
    esc(`${direction === 'back' ? '(back) ' : ''}${title}`),
    badge(state, marks[state] ?? 'plain'),
    tookMs === null ? '' : formatDuration(tookMs),
    esc(note ?? ''),
  ]);
  return told.length === 0 ? '' : table(columns, told);
}

function failureTail({ failure }: RequestView): readonly string[] {
  return failure === null || failure.tail.length === 0
    ? []
    : [`<p>What the step "${esc(failure.step)}" printed last:</p><pre>${escLines(failure.tail)}</pre>`];
}

function log({ name, lines }: JobLog): string {
  return `<details><summary>${esc(name)}, the last ${lines.length} lines</summary><pre>${escLines(lines)}</pre></details>`;
}

function rows(lines: readonly { readonly at: Instant; readonly text: string }[], columns: Parameters<typeof table>[0]): string {
  return lines.length === 0
    ? ''
    : table(
        columns,
        lines.map(({ at, text }) => [time(at), esc(text)]),
      );
}

function list(facts: readonly (readonly [string, string])[]): string {
  return `<dl>${facts.map(([label, html]) => `<dt>${esc(label)}</dt><dd>${html}</dd>`).join('\n')}</dl>`;
}

function time(at: Instant): string {
  return `<time datetime="${formatUtc(at)}">${formatUtc(at).replace('T', ' ').replace('Z', ' UTC')}</time>`;
}
