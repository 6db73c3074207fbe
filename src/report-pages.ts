// /reports/: an index with the history, and each report, written anew when its story has gone on since. Nothing here changes anything else.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './core/config.ts';
import type { Log, Reports } from './core/ports.ts';
import type { StoreReader } from './core/store.ts';
import type { Page } from './slack/http.ts';
import { historyOf } from './templates/history.ts';
import { historyPage } from './templates/history-page.ts';

export interface ReportPagesOptions {
  readonly store: StoreReader;
  readonly reports: Reports;
  readonly config: Config;
  readonly log: Pick<Log, 'warn'>;
}

const MOST_REQUESTS = 500;
const TYPES = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
} as const;

/** Nothing is loaded, run, framed or sent anywhere; what a report quotes stays a quotation. */
export const STRICT: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

export function createReportPages(options: ReportPagesOptions): (rest: string) => Promise<Page> {
  const { store, reports, config, log } = options;
  /** Request -> the last event its report shows, as this process knows. */
  const written = new Map<string, number>();
  const writing = new Map<string, Promise<void>>();

  async function refresh(id: string): Promise<void> {
    const last = (await store.eventsOf(id)).at(-1)?.seq ?? 0;
    if (last === 0 || written.get(id) === last) return;
    try {
      await reports.write(id);
      written.set(id, last);
    } catch (err) {
      log.warn({ code: 'report-not-written', request: id, err }, 'A report could not be brought up to date; the last one is shown.');
    }
  }

  function refreshed(id: string): Promise<void> {
    const under = writing.get(id) ?? refresh(id).finally(() => writing.delete(id));
    writing.set(id, under);
    return under;
  }

  return async (rest) => {
    if (rest === '') return { status: 200, type: TYPES.html, headers: STRICT, body: await index(options) };
    const [, id, kind] = /^([\w-]+)\.(html|json|md)$/.exec(rest) ?? [];
    if (id === undefined || (kind !== 'html' && kind !== 'json' && kind !== 'md')) return NOT_FOUND;
    await refreshed(id);
    const body = await readFile(join(config.dataDir, 'reports', rest)).catch(() => null);
    return body === null ? NOT_FOUND : { status: 200, type: TYPES[kind], headers: STRICT, body };
  };
}

async function index({ store, config }: ReportPagesOptions): Promise<string> {
  const [requests, jobs, deployments] = await Promise.all([
    store.requests({ limit: MOST_REQUESTS }),
    store.jobs({ limit: MOST_REQUESTS * 4 }),
    Promise.all(Object.keys(config.environments).map((name) => store.deployments(name, MOST_REQUESTS))),
  ]);
  return historyPage(config.service, historyOf({ requests, jobs, deployments }));
}

const NOT_FOUND: Page = { status: 404, type: 'text/plain; charset=utf-8', headers: STRICT, body: 'not found\n' };
