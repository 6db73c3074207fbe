// What operators and Prometheus ask of the bot itself: /healthz, /metrics, /reports/.

import type { Registry } from 'prom-client';
import type { Instant } from './core/time.ts';
import type { NotifierHealth } from './notify/deliver.ts';
import type { Page, Routes } from './slack/http.ts';
import type { SlackHealth } from './slack/slack.ts';
import type { OpenStore } from './store/open.ts';
import type { NoticeDepth } from './store/outbox.ts';

export interface OperatorPagesOptions {
  readonly opened: OpenStore;
  readonly reports: (rest: string) => Promise<Page>;
  readonly slack: () => SlackHealth;
  /** The channels beside Slack, as this process delivers them. */
  readonly notices: () => NotifierHealth;
  readonly now: () => Instant;
}

/** Deaf or stuck for longer than this turns /healthz red. */
const PATIENCE_MS = 60_000;

export function createOperatorPages(options: OperatorPagesOptions): Routes {
  let metrics: Promise<Registry> | null = null;
  return {
    '/healthz': () => healthz(options),
    '/metrics': async () => {
      metrics ??= createMetrics(options);
      const registry = await metrics;
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    },
    '/reports/': options.reports,
  };
}

async function healthz({ opened, slack, notices, now }: OperatorPagesOptions): Promise<Page> {
  const health = slack();
  const outbox = await opened.outbox.depth();
  const deafSince = health.socket?.deafSince ?? null;
  const deaf = deafSince !== null && now() - deafSince > PATIENCE_MS;
  const stuck = outbox.oldestAt !== null && now() - outbox.oldestAt > PATIENCE_MS;
  // Told, but no reason to be red: a mail server that is down is nothing that a restart of the bot would mend.
  const beside = { ...notices(), queues: await opened.notices.depths() };
  const trouble = opened.trouble();
  const database = trouble === null ? null : { code: trouble.code, message: trouble.message, hint: trouble.hint };
  const body = { ok: !deaf && !stuck && database === null, deaf, stuck, database, outbox, slack: health, notices: beside };
  return { status: body.ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify(body, null, 2)}\n` };
}

/** Loaded when first asked for: a bot whose metrics nobody reads pays nothing for them. */
async function createMetrics({ opened }: OperatorPagesOptions): Promise<Registry> {
  const { collectDefaultMetrics, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  // By default its delay meter wakes the process a hundred times a second, for ever.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 500 });
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read());
      },
    });
  gauge('dhash_outbox_waiting', 'Messages that wait to be sent to Slack.', async () => (await opened.outbox.depth()).waiting);
  gauge('dhash_outbox_failed', 'Messages that Slack refuses for good.', async () => (await opened.outbox.depth()).failed);
  const notices = (name: string, help: string, value: (depth: NoticeDepth) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['channel'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const depth of await opened.notices.depths()) this.set({ channel: depth.kind }, value(depth));
      },
    });
  notices('dhash_notices_waiting', 'E-mails, Teams cards and pages that wait to be sent.', ({ waiting }) => waiting);
  notices('dhash_notices_lost', 'E-mails, Teams cards and pages that were given up.', ({ failed }) => failed);
  gauge('dhash_jobs_open', 'Jobs that have not ended.', async () => (await opened.store.jobs({ open: true })).length);
  gauge('dhash_events', 'Events in the audit log.', async () => (await opened.store.head())?.seq ?? 0);
  return registry;
}
