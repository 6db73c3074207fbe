// Debian's own Prometheus, scraping a service of ours: what the watch reads from it while it is fresh, gone, and when Prometheus itself is down.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { askPrometheus, type PromAnswers } from '../../src/checks/promql.ts';
import type { PrometheusConfig } from '../../src/core/watch-config.ts';
import { createHttp } from '../../src/host/http.ts';
import { isLeftOut } from '../support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'dhash-prom-'));
const started: ChildProcess[] = [];
let url = '';

beforeAll(async () => {
  if (isLeftOut('prometheus')) return;
  const target = keep(spawn(execPath, [join(import.meta.dirname, '../fixtures/watch/target.ts')], { stdio: ['ignore', 'pipe', 'ignore'] }));
  if (target.stdout === null) throw new Error('the service has no output');
  const [port] = await once(target.stdout, 'data');
  const config = `global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs: [{ job_name: dhash, static_configs: [{ targets: ["127.0.0.1:${String(port).trim()}"] }] }]
`;
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const own = await freePort();
  url = `http://127.0.0.1:${own}`;
  const argv = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${own}`,
  ];
  keep(spawn('prometheus', argv, { stdio: 'ignore' }));
}, 60_000);

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(isLeftOut('prometheus'))(
  'one number a query comes from a real server, and nothing else counts as one',
  async () => {
    const queries = {
      up: 'up{job="dhash"}',
      requests: 'sum(increase(http_requests_total[5s]))',
      errorRate: '100 * (sum(rate(http_requests_total{status=~"5.."}[5s])) or vector(0)) / sum(rate(http_requests_total[5s]))',
      responseTime: '1000 * histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5s])))',
      cpu: 'nodejs_heap_bytes',
      memory: 'no_such_series',
    };
    const answers = await until(queries, ({ responseTime }) => responseTime?.kind === 'number');
    expect(answers).toMatchObject({
      up: { kind: 'number', value: 1 },
      requests: { kind: 'number' },
      errorRate: { kind: 'number', value: 0 },
      cpu: { kind: 'missing', why: 'the query gives 60 series, want one: put sum() or max() around it' },
      memory: { kind: 'missing', why: 'Prometheus has no data for it' },
    });
    expect(await ask({ cpu: 'sum(' })).toMatchObject({ cpu: { kind: 'missing', why: expect.stringContaining('bad_data') } });

    started[0]?.kill('SIGKILL');
    const gone = await until(queries, ({ up }) => up?.kind === 'missing');
    expect(new Set(Object.values(gone).map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify({ kind: 'missing', why: 'Prometheus does not reach the service' })]),
    );

    started[1]?.kill('SIGKILL');
    const down = await until({ cpu: 'vector(1)' }, ({ cpu }) => cpu?.kind === 'missing');
    expect(down.cpu).toMatchObject({ why: expect.stringContaining('Prometheus: ECONN') });
  },
  60_000,
);

function ask(queries: PrometheusConfig['queries']): Promise<PromAnswers> {
  const signal = new AbortController().signal;
  return askPrometheus({ prometheus: { url, queries }, http: createHttp(), now: Date.now(), interval: 30_000, timeoutMs: 5_000, signal });
}

function until(queries: PrometheusConfig['queries'], holds: (answers: PromAnswers) => boolean): Promise<PromAnswers> {
  const asked = async () => {
    const answers = await ask(queries);
    if (!holds(answers)) throw new Error(`not yet: ${JSON.stringify(answers)}`);
    return answers;
  };
  return vi.waitFor(asked, { timeout: 25_000, interval: 200 });
}

function keep(child: ChildProcess): ChildProcess {
  started.push(child);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
