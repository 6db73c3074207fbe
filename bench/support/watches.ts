// Many watches at once with everything real about them: a service, HTTP, the store, one watch an environment, its card drawn. Nothing is sent.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { createChartEntries } from '../../src/chart-entries.ts';
import { type Composed, compose } from '../../src/compose.ts';
import { SCHEDULE } from '../../src/core/actor.ts';
import type { Config } from '../../src/core/config.ts';
import { event } from '../../src/core/event.ts';
import { readStartTime } from '../../src/host/processes.ts';
import { bootId, recordPath, writeRecord } from '../../src/host/slots/slots-record.ts';
import { newJob } from '../../src/jobs/new-job.ts';
import { createLiveWatches } from '../../src/live-watches.ts';
import { createProjector, slackEntries } from '../../src/projector.ts';
import { testConfig, testEnvironment } from '../../test/support/config.ts';

const MADE = { kind: 'monitor', tag: 'v1.0.0', options: {}, parentId: null, expected: {} } as const;
const NO_SECRETS = {
  ...{ botToken: null, appToken: null, signingSecret: null, githubToken: null },
  ...{ smtpUrl: null, teamsWebhookUrl: null, pagerdutyRoutingKey: null },
};
const NO_SETTINGS = { port: 0, apiUrl: null, githubApiUrl: null, artifactDir: null, releaseTag: null, deployLead: null };

export interface Watches {
  readonly dataDir: string;
  readonly composed: Composed;
  readonly config: Config;
  readonly stop: () => Promise<void>;
}

/** Resolves when each has looked once; they look evenly spread, as deploys end one after the other. */
export async function startWatches(count: number, interval: number): Promise<Watches> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
  const target = spawn(execPath, [join(import.meta.dirname, '../../test/fixtures/watch/target.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const remove = () => {
    target.kill();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [line] = await once(target.stdout, 'data');
    const config = configFor(count, dataDir, Number(String(line)), interval);
    const composed = compose({
      loaded: { config, secrets: NO_SECRETS, settings: { logLevel: 'error', ...NO_SETTINGS } },
      env: {},
      logTo: { write: (text) => stdout.write(text) },
      groups: () => ({ members: () => null, asOf: () => null }),
      only: null,
    });
    const stop = carry(composed, config);
    for (const name of Object.keys(config.environments)) {
      await watch(composed, config, name, target.pid ?? 0);
      await pause(interval / count);
    }
    await pause(interval);
    return { dataDir, composed, config, stop: () => stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

function carry({ app, opened, ports, log }: Composed, config: Config): () => Promise<void> {
  const { store, outbox } = opened;
  const { clock } = ports;
  const stopping = new AbortController();
  const projector = createProjector({
    ...{ store, outbox, changed: opened.watch(), cursor: 'slack', clock, log, onQueued: () => {} },
    draw: slackEntries(config, config.slack.channel),
    charts: createChartEntries({ store, config }),
    beside: createLiveWatches({ store, outbox, config, clock, cursor: 'slack' }).draw,
  });
  const running = [app.engine.run(), projector.run(stopping.signal)];
  return async () => {
    await app.engine.drain();
    stopping.abort();
    await Promise.all(running);
    opened.close();
  };
}

async function watch({ opened, ports }: Composed, { dataDir, environments }: Config, name: string, pid: number): Promise<void> {
  const environment = environments[name];
  if (environment === undefined) return;
  const { root } = environment;
  mkdirSync(root, { recursive: true });
  const record = { pid, startTime: readStartTime(pid), boot: bootId(), release: `${root}/releases/v1.0.0`, tag: 'v1.0.0', logOffset: 0 };
  await writeRecord(recordPath(dataDir, environment, 'blue'), record);
  const now = ports.clock.now();
  const deployment = {
    ...({
      id: `live-${name}`,
      environment: name,
      kind: 'deploy',
      tag: 'v1.0.0',
      commit: 'c'.repeat(40),
      releasePath: record.release,
    } as const),
    ...({ slot: 'blue', requestId: `d-${name}`, liveAt: now, supersededAt: null, rollbackBackup: null, rollbackTag: null } as const),
  };
  const input = { durationMs: 3_600_000, deploymentId: deployment.id, tag: 'v1.0.0', after: 'deploy', before: null };
  const job = newJob({ id: `j-${name}`, name: 'monitor', requestId: deployment.requestId, environment: name, input, now });
  const scope = { environment: name, requestId: job.requestId, jobId: null, actor: SCHEDULE };
  const changes = [
    { kind: 'deployment.live', deployment },
    { kind: 'job.create', job },
  ] as const;
  await opened.store.commit(changes, [event(scope, 'request.made', MADE)], now);
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
