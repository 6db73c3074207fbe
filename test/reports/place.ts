// A bot with a history: two deploys, one of them breached and rolled back; its reports on a real disk, behind the bot's own HTTP edge.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCharts } from '../../src/charts/draw.ts';
import type { Charts } from '../../src/core/chart.ts';
import type { Reports } from '../../src/core/ports.ts';
import { createFiles } from '../../src/host/files.ts';
import { createReportPages } from '../../src/report-pages.ts';
import { createReports } from '../../src/reports.ts';
import { createHttpEdge } from '../../src/slack/http.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, type World, world } from '../support/world.ts';

export interface ReportsPlace {
  readonly bot: World;
  readonly dataDir: string;
  readonly reports: Reports;
  /** How often each request's report was written. */
  readonly writes: Map<string, number>;
  readonly url: string;
  /** The good deploy, the bad one, and the rollback of it. */
  readonly ids: readonly [string, string, string];
  readonly close: () => Promise<void>;
}

/** Text from outside that would be markup if anybody forgot to escape it. */
export const HOSTILE = `<img src=x onerror="alert(1)"> & '"</script>`;

export async function reportsPlace(charts: Charts = createCharts()): Promise<ReportsPlace> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dhash-reports-'));
  const bot = world({ environment: NO_APPROVALS, config: { dataDir } });
  const { clock, config, store } = bot;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const files = createFiles({ dataDir, redact: (text) => text, log });
  const ids = await history(bot);
  files.appendLog(`job-${(await store.jobs({ requestId: ids[1] })).at(-1)?.id}`, `npm notice ${HOSTILE}`);
  const writes = new Map<string, number>();
  const real = createReports({ store, files, charts, log, config });
  const reports: Reports = {
    write: (id) => {
      writes.set(id, (writes.get(id) ?? 0) + 1);
      return real.write(id);
    },
  };
  const routes = { '/reports/': createReportPages({ store, reports, config, log }) };
  const edge = createHttpEdge({ host: '127.0.0.1', port: 0, routes, slack: null, clock, log });
  const port = await edge.start();
  return {
    bot,
    dataDir,
    reports,
    writes,
    url: `http://127.0.0.1:${port}/reports/`,
    ids,
    close: async () => {
      await edge.stop(0);
      bot.opened.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function history(bot: World): Promise<ReportsPlace['ids']> {
  const first = await deployed(bot, 'v2.0.0');
  await bot.clock.later(700_000);
  const second = await deployed(bot, 'v2.1.0');
  await bot.clock.later(200_000);
  bot.host.health = { status: 503, version: null };
  await bot.clock.later(150_000);
  bot.host.health = { status: 200, version: null };
  const live = await bot.store.liveDeployment('production');
  const reply = await bot.press(ANA, { verb: 'rollback', request: second, environment: 'production', expect: live?.id ?? '' });
  if (reply.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(reply)}`);
  await bot.work();
  await bot.clock.later(1_300_000);
  return [first, second, reply.request.id];
}
