// Writes the report of a request, three times the same facts: Markdown, JSON, and a page with its charts.

import { join } from 'node:path';
import type { ChartFacts, Charts } from './core/chart.ts';
import type { Config } from './core/config.ts';
import { BotError } from './core/error.ts';
import type { StoredEvent } from './core/event.ts';
import type { Files, Log, Reports } from './core/ports.ts';
import type { StoreReader } from './core/store.ts';
import { chartLimits, chartOf, watchesOf } from './templates/chart.ts';
import { reportOf } from './templates/report.ts';
import { type DrawnChart, type JobLog, reportPage } from './templates/report-page.ts';
import { viewOf } from './templates/view.ts';

export interface ReportsParts {
  readonly store: Pick<StoreReader, 'eventsOf' | 'samples'>;
  readonly files: Pick<Files, 'read' | 'write'>;
  readonly charts: Pick<Charts, 'svg'>;
  readonly log: Pick<Log, 'warn'>;
  readonly config: Config;
}

const LOG_LINES = 60;

/** Drawn from the event log, so the same story gives the same report, whoever writes it and however often. */
export function createReports(parts: ReportsParts): Reports {
  return {
    write: async (requestId) => {
      const story = await parts.store.eventsOf(requestId);
      const view = viewOf(story);
      const facts = await chartsOf(parts, story);
      const report = reportOf(story, facts);
      if (view === null || report === null)
        throw new BotError({ code: 'no-story', message: `the log has no story of ${requestId}`, hint: 'Look at: bin/dhash audit verify' });
      const base = join(parts.config.dataDir, 'reports', requestId);
      await parts.files.write(`${base}.md`, report.markdown);
      await parts.files.write(`${base}.json`, report.json);
      const charts: DrawnChart[] = [];
      for (const [index, one] of facts.entries()) charts.push(await draw(parts, one, index));
      await parts.files.write(`${base}.html`, reportPage({ view, story, charts, logs: await logsOf(parts, story) }));
      return { markdown: `${base}.md`, json: `${base}.json`, html: `${base}.html` };
    },
  };
}

async function chartsOf({ store, config }: ReportsParts, story: readonly StoredEvent[]): Promise<readonly ChartFacts[]> {
  const charts: ChartFacts[] = [];
  for (const watch of watchesOf(story)) {
    const samples = watch.jobId === null ? [] : await store.samples(watch.jobId, 0);
    if (samples.length > 0) charts.push(chartOf(watch, story, samples, chartLimits(config, watch.environment ?? '')));
  }
  return charts;
}

/** A chart that cannot be drawn never costs the report: its numbers stand there in words. */
async function draw({ charts, log }: ReportsParts, facts: ChartFacts, index: number): Promise<DrawnChart> {
  try {
    const light = await charts.svg(facts, 'light', `light${index}`);
    return { facts, light, dark: await charts.svg(facts, 'dark', `dark${index}`) };
  } catch (err) {
    log.warn({ code: 'chart-not-drawn', err }, 'A report goes without its chart.');
    return { facts, light: null, dark: null };
  }
}

/** The logs are redacted as they are written. */
async function logsOf({ files, config }: ReportsParts, story: readonly StoredEvent[]): Promise<readonly JobLog[]> {
  const jobs = new Set(story.flatMap(({ jobId }) => jobId ?? []));
  const logs: JobLog[] = [];
  for (const job of jobs) {
    const text = await files.read(join(config.dataDir, 'logs', `job-${job}.log`)).catch(() => null);
    const lines = text?.trimEnd().split('\n').slice(-LOG_LINES) ?? [];
    if (lines.length > 0 && lines[0] !== '') logs.push({ name: `Log of ${job}`, lines });
  }
  return logs;
}
