// The index of the reports: what the history adds up to, then every deploy, rollback and watch, newest first.

import { formatDuration, formatUtc } from '../core/time.ts';
import type { History, HistoryRow, Share } from './history.ts';
import { badge, esc, type Mark, page, section, table } from './html.ts';

const MARKS: Readonly<Record<HistoryRow['state'], Mark>> = {
  open: 'plain',
  succeeded: 'good',
  failed: 'bad',
  rejected: 'warn',
  expired: 'warn',
  canceled: 'warn',
};

export function historyPage(service: string, history: History): string {
  const title = `Deploys of ${service}`;
  const { back } = history;
  const numbers = [
    number(String(history.deploys), 'deploys asked for'),
    number(percent(history.succeeded), `success rate: ${history.succeeded.count} of ${history.succeeded.of} that ran to an end`),
    number(
      back === null ? 'none yet' : formatDuration(back.medianMs),
      back === null ? 'time to roll back' : `time to roll back: median of ${back.count}, longest ${formatDuration(back.longestMs)}`,
    ),
    number(
      percent(history.sentBack),
      `change-failure rate: ${history.sentBack.count} of ${history.sentBack.of} that went live were sent back`,
    ),
  ];
  return page(
    title,
    [`<header><h1>${esc(title)}</h1><div class="numbers">${numbers.join('')}</div></header>`, section('History', rows(history.rows))].join(
      '\n',
    ),
  );
}

function rows(history: readonly HistoryRow[]): string {
  if (history.length === 0) return '<p>Nothing was deployed yet.</p>';
  const columns = [
    { head: 'report' },
    { head: 'when', numeric: true },
    { head: 'environment' },
    { head: 'what' },
    { head: 'by' },
    { head: 'result' },
    { head: 'took', numeric: true },
  ];
  return table(
    columns,
    history.map(({ id, at, environment, kind, tag, by, state, tookMs, sentBack }) => [
      `<a href="${esc(id)}.html">${esc(id)}</a>`,
      formatUtc(at).replace('T', ' ').replace('Z', ' UTC'),
      esc(environment),
      esc(`${kind} ${tag ?? ''}`),
      esc(by),
      sentBack ? badge('rolled back', 'warn') : badge(state, MARKS[state]),
      tookMs === null ? '' : formatDuration(tookMs),
    ]),
  );
}

function number(value: string, words: string): string {
  return `<div><b>${esc(value)}</b><span class="soft">${esc(words)}</span></div>`;
}

/** Of nothing there is no share. */
function percent({ count, of }: Share): string {
  return of === 0 ? 'none yet' : `${Number(((count / of) * 100).toFixed(1))} %`;
}
