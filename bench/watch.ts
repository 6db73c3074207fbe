// P12, what watching costs: `node bench/watch.ts [counts] [seconds]`. Looks every few seconds instead of every 30 s, so that a minute shows as much as ten
// would; the share of a core is told as it is at 30 s. A real service, real HTTP, the real store, one watch an environment, its card drawn; nothing is sent.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, cpuUsage, execPath, memoryUsage, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { createChartEntries } from '../src/chart-entries.ts';
import { compose } from '../src/compose.ts';
import { SCHEDULE } from '../src/core/actor.ts';
import type { Config } from '../src/core/config.ts';
import { event } from '../src/core/event.ts';
import { readStartTime } from '../src/host/processes.ts';
import { bootId, recordPath, writeRecord } from '../src/host/slots/slots-record.ts';
import { newJob } from '../src/jobs/new-job.ts';
import { watchWindow } from '../src/jobs/outputs.ts';
import { createLiveWatches } from '../src/live-watches.ts';
import { createProjector, slackEntries } from '../src/projector.ts';
import { testConfig, testEnvironment } from '../test/support/config.ts';
import { type Row, report } from './support/table.ts';

const MADE = { kind: 'monitor', tag: 'v1.0.0', options: {}, parentId: null, expected: {} } as const;
const REAL_INTERVAL_MS = 30_000;
/** As bin/dhash starts the bot. */
const AS_STARTED = ['--max-semi-space-size=1'];
/** Many at once are looked at more rarely: what is asked is what a look costs, not how many fit into a second. */
const intervalOf = (count: number): number => Math.max(3_000, count * 15);
const counts = (argv[2] ?? '1,50,200,1000').split(',').map(Number);
const seconds = Number(argv[3] ?? 30);

interface Measured {
  readonly environments: number;
  readonly looks: number;
  readonly expected: number;
  readonly good: number;
  readonly msPerLook: number;
  readonly cpuPercentAt30s: number;
  readonly rssMb: number;
  readonly latestMs: number;
}

const [only] = counts;
if (argv[4] === 'one' && only !== undefined) stdout.write(`${JSON.stringify(await measure(only, intervalOf(only)))}\n`);
else {
  // Each count in a process of its own: what one left in memory is no other's.
  const rows = counts.map((count): Measured => {
    const words = [...AS_STARTED, import.meta.filename, String(count), String(seconds), 'one'];
    return JSON.parse(execFileSync(execPath, words, { encoding: 'utf8' }));
  });
  report([...rows.flatMap(told), ...linear(rows)], { seconds, rows });
}

/** The target is for 200; what more of them cost is told. */
function told({ environments, looks, expected, good, cpuPercentAt30s, rssMb, latestMs }: Measured): readonly Row[] {
  const what = `${environments} watches`;
  const bound = environments <= 200;
  const of = (name: string, ours: string, want: string, met: boolean): Row => ({
    target: 'P12',
    what: `${what}: ${name}`,
    ours,
    peer: '-',
    ratio: null,
    want: bound ? want : '-',
    met: met || !bound,
  });
  return [
    of('of a core at 30 s', `${cpuPercentAt30s} %`, '< 15 %', cpuPercentAt30s < 15),
    of('memory', `${rssMb} MB`, '< 250 MB', rssMb < 250),
    of('the latest look', `${latestMs} ms late`, '<= 1,000 ms', latestMs <= 1_000),
    of('looks made, and good', `${looks}, ${good} of ${expected}`, 'all', looks >= expected * 0.95 && good === looks),
  ];
}

/** What one look costs among the most of them, beside what it costs among two hundred. */
function linear(rows: readonly Measured[]): readonly Row[] {
  const [most, few] = [rows.at(-1), rows.find(({ environments }) => environments === 200)];
  if (most === undefined || few === undefined || most === few) return [];
  const ratio = most.msPerLook / few.msPerLook;
  const ours = `${most.msPerLook} ms`;
  const what = `one look of ${most.environments} / of 200`;
  return [{ target: 'P12', what, ours, peer: `${few.msPerLook} ms`, ratio, want: '<= 1.3 x', met: ratio <= 1.3 }];
}

async function measure(count: number, interval: number): Promise<Measured> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
  const target = spawn(execPath, [join(import.meta.dirname, '../test/fixtures/watch/target.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(target.stdout, 'data');
    const port = Number(String(line));
    const config = configFor(count, dataDir, port, interval);
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
      groups: () => ({ members: () => null, asOf: () => null }),
      only: null,
    });
    return await run({ dataDir, composed, config, interval, pid: target.pid ?? 0 });
  } finally {
    target.kill();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function run(given: {
  readonly dataDir: string;
  readonly composed: ReturnType<typeof compose>;
  readonly config: Config;
  readonly interval: number;
  readonly pid: number;
}): Promise<Measured> {
  const { dataDir, config, interval, pid } = given;
  const { app, opened, ports, log } = given.composed;
  const { store, outbox } = opened;
  const { clock } = ports;
  const environments = Object.values(config.environments);
  const stopping = new AbortController();
  const projector = createProjector({
    store,
    outbox,
    changed: opened.watch(),
    cursor: 'slack',
    draw: slackEntries(config, config.slack.channel),
    charts: createChartEntries({ store, config }),
    beside: createLiveWatches({ store, outbox, config, clock, cursor: 'slack' }).draw,
    clock,
    log,
    onQueued: () => {},
  });
  const running = [app.engine.run(), projector.run(stopping.signal)];
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
      [event({ environment: name, requestId: job.requestId, jobId: null, actor: SCHEDULE }, 'request.made', MADE)],
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
  stopping.abort();
  await Promise.all(running);
  opened.close();
  const usedMs = (used.user + used.system) / 1_000;
  const made = looks.reduce((sum, one) => sum + one.made, 0);
  return {
    environments: environments.length,
    looks: made,
    expected: Math.floor((environments.length * wallMs) / interval),
    good: looks.reduce((sum, { good }) => sum + good, 0),
    msPerLook: round(usedMs / made),
    cpuPercentAt30s: round(((usedMs / wallMs) * 100 * interval) / REAL_INTERVAL_MS),
    rssMb: round(rss / 1_048_576),
    latestMs: Math.max(...looks.flatMap(({ late }) => late)),
  };
}

function configFor(count: number, dataDir: string, port: number, interval: number): Config {
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
  return Number(value.toFixed(2));
}
