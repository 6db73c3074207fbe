// P12, what watching costs: `node bench/watch.ts [interval ms] [seconds] [counts]`. Looks every 3 s instead of every 30 s, so that a minute shows as much
// as ten would; the CPU share is told as measured and as it is at 30 s. A real service, real HTTP, the real store, one watch an environment.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, cpuUsage, execPath, memoryUsage, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { compose } from '../src/compose.ts';
import type { Config, Environment } from '../src/core/config.ts';
import { readStartTime } from '../src/host/processes.ts';
import { bootId, recordPath, writeRecord } from '../src/host/slots/slots-record.ts';
import { newJob } from '../src/jobs/new-job.ts';
import { watchWindow } from '../src/jobs/outputs.ts';
import { testConfig, testEnvironment } from '../test/support/config.ts';

const REAL_INTERVAL_MS = 30_000;
const interval = Number(argv[2] ?? 3_000);
const seconds = Number(argv[3] ?? 30);
const counts = (argv[4] ?? '1,50,200,1000').split(',').map(Number);

const [only] = counts;
if (argv[5] !== 'one' || only === undefined) {
  // Each count in a process of its own: what one left in memory is no other's.
  const rows = counts.map((count) => {
    const told = execFileSync(execPath, [import.meta.filename, String(interval), String(seconds), String(count), 'one'], {
      encoding: 'utf8',
    });
    const row: unknown = JSON.parse(told);
    return row;
  });
  stdout.write(`${JSON.stringify({ intervalMs: interval, seconds, rows }, null, 2)}\n`);
} else {
  stdout.write(`${JSON.stringify(await measure(only))}\n`);
}

async function measure(count: number): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
  const target = spawn(execPath, [join(import.meta.dirname, '../test/fixtures/watch/target.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(target.stdout, 'data');
    const port = Number(String(line));
    const config = configFor(count, dataDir, port);
    const composed = compose({
      loaded: {
        config,
        secrets: {
          botToken: null,
          appToken: null,
          signingSecret: null,
          githubToken: null,
          smtpUrl: null,
          teamsWebhookUrl: null,
          pagerdutyRoutingKey: null,
        },
        settings: { logLevel: 'error', port: 0, apiUrl: null, githubApiUrl: null, artifactDir: null, releaseTag: null, deployLead: null },
      },
      env: {},
      logTo: { write: (text) => stdout.write(text) },
      groups: () => ({ members: () => null }),
      only: null,
    });
    return await run(dataDir, composed, Object.values(config.environments), target.pid ?? 0);
  } finally {
    target.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function run(
  dataDir: string,
  { app, opened, ports }: ReturnType<typeof compose>,
  environments: readonly Environment[],
  pid: number,
): Promise<object> {
  const { store } = opened;
  const running = app.engine.run();
  for (const environment of environments) {
    const { name, root } = environment;
    mkdirSync(root, { recursive: true });
    const record = { pid, startTime: readStartTime(pid), boot: bootId(), release: `${root}/releases/v1.0.0`, tag: 'v1.0.0', logOffset: 0 };
    await writeRecord(recordPath(dataDir, environment, 'blue'), record);
    const now = ports.clock.now();
    const deployment = {
      id: `live-${name}`,
      environment: name,
      kind: 'deploy',
      tag: 'v1.0.0',
      commit: 'c'.repeat(40),
      releasePath: record.release,
      slot: 'blue',
      requestId: `d-${name}`,
      liveAt: now,
      supersededAt: null,
      rollbackBackup: null,
      rollbackTag: null,
    } as const;
    const input = { durationMs: 3_600_000, deploymentId: deployment.id, tag: 'v1.0.0', after: 'deploy', before: null };
    const job = newJob({ id: `j-${name}`, name: 'monitor', requestId: deployment.requestId, environment: name, input, now });
    await store.commit(
      [
        { kind: 'deployment.live', deployment },
        { kind: 'job.create', job },
      ],
      [],
      now,
    );
    // Deploys end one after the other, so do their watches begin.
    await pause(interval / environments.length);
  }
  await pause(interval);
  const before = cpuUsage();
  const from = performance.now();
  const since = ports.clock.now();
  await pause(seconds * 1_000);
  const used = cpuUsage(before);
  const wallMs = performance.now() - from;
  const { rss } = memoryUsage();
  const jobs = await store.jobs({ open: true });
  const starts = new Map(jobs.map((job) => [job.id, watchWindow.find(job)?.from ?? 0]));
  const looks = (await Promise.all(environments.map(({ name }) => store.samples(`j-${name}`, 0)))).map((samples) => {
    const first = starts.get(samples[0]?.jobId ?? '') ?? 0;
    const own = samples.filter(({ at }) => at >= since);
    return {
      made: own.length,
      good: own.filter(({ healthy, errorRate }) => healthy && errorRate === 0).length,
      late: own.map(({ at }) => (at - first) % interval),
    };
  });
  await app.engine.drain();
  await running;
  opened.close();
  const busy = ((used.user + used.system) / 1_000 / wallMs) * 100;
  return {
    environments: environments.length,
    looks: looks.reduce((sum, { made }) => sum + made, 0),
    expected: Math.floor((environments.length * wallMs) / interval),
    good: looks.reduce((sum, { good }) => sum + good, 0),
    cpuPercentMeasured: round(busy),
    cpuPercentAt30s: round((busy * interval) / REAL_INTERVAL_MS),
    rssMb: round(rss / 1_048_576),
    latestMs: Math.max(...looks.flatMap(({ late }) => late)),
  };
}

function configFor(count: number, dataDir: string, port: number): Config {
  const base = testEnvironment();
  const url = `http://127.0.0.1:${port}`;
  const monitor = { ...base.monitor, duration: 3_600_000, updates: [], interval, health: `${url}/health`, metrics: `${url}/metrics` };
  const names = Array.from({ length: count }, (_, index) => `env${index}`);
  const environments = Object.fromEntries(
    names.map((name) => [name, testEnvironment({ name, root: join(dataDir, 'roots', name), monitor })]),
  );
  return { ...testConfig(), dataDir, defaultEnvironment: 'env0', environments };
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
