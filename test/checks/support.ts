// An environment as dhash.yml declares it, and ports that answer what a test says.

import type { Judging } from '../../src/checks/breach.ts';
import type { CheckContext } from '../../src/checks/context.ts';
import type { Config, Environment } from '../../src/core/config.ts';
import { BotError } from '../../src/core/error.ts';
import type { CommandRun, HttpAnswer, Ports } from '../../src/core/ports.ts';
import type { Sample } from '../../src/core/sample.ts';
import { load, withValue } from '../config/support.ts';
import { testClock } from '../support/clock.ts';
import { testConfig, testEnvironment } from '../support/config.ts';
import { githubPort } from '../support/github.ts';
import { fakeMedia } from '../support/media.ts';

export const NOW = Date.UTC(2026, 10, 23, 12);

/** The minimal file with one value set, e.g. `declared('environments.production.smoke', [...])`. */
export async function declared(path: string, value: unknown): Promise<{ readonly config: Config; readonly environment: Environment }> {
  const { config } = await load(withValue(path, value));
  const environment = config.environments['production'];
  if (environment === undefined) throw new Error('the minimal file has production');
  return { config, environment };
}

export const gauges = (freeBytes: Ports['gauges']['freeBytes'], cpu: number | null = 20, memory: number | null = 40): Ports['gauges'] => ({
  freeBytes,
  host: async () => ({ cpu, memory }),
  tree: async () => ({ cpu: 5, memory: 6 }),
  disk: async () => 30,
  unwritable: async () => null,
});

/** Notes what was run; `fails` says which commands do not work, and how. */
export function commands(fails: (run: CommandRun) => BotError | null = () => null): Ports['commands'] & { readonly runs: CommandRun[] } {
  const runs: CommandRun[] = [];
  return {
    runs,
    run: async (run) => {
      runs.push(run);
      const failure = fails(run);
      if (failure !== null) throw failure;
      return { durationMs: 1_200, lastLines: [] };
    },
    fence: async () => 0,
  };
}

export const failed = (code: string, tail: readonly string[] = []) =>
  new BotError({ code, message: `it ended as ${code}`, hint: null, tail });

/** Answers by path; a path nobody named is refused. */
export function http(answers: Readonly<Record<string, HttpAnswer>>): Ports['http'] & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: async (url) => {
      asked.push(url);
      return answers[new URL(url).pathname] ?? refused;
    },
  };
}

export const answer = (body: string, status = 200): HttpAnswer => ({ kind: 'answered', status, body, ms: 12 });
export const refused: HttpAnswer = { kind: 'failed', code: 'ECONNREFUSED', detail: 'nobody listens', ms: 1 };

export const checkPorts = (more: Partial<CheckContext['ports']> = {}): CheckContext['ports'] => ({
  clock: testClock(NOW),
  commands: commands(),
  files: { read: async () => null, write: async () => {}, appendLog: () => {} },
  gauges: gauges(async () => 10_000_000_000),
  github: githubPort(),
  groups: { members: () => null, asOf: () => null },
  media: fakeMedia(),
  releases: { changedFiles: async () => [] },
  http: http({}),
  ...more,
});

/** The bundled thresholds, looked at each 30 s. */
export const JUDGING: Judging = {
  qualityGates: testConfig().qualityGates,
  rollback: testEnvironment().rollback,
  interval: 30_000,
  disk: 90,
};

/** A sample on which every gate of the bundled thresholds passes. */
export const good: Sample = {
  jobId: 'm-1',
  environment: 'production',
  at: NOW,
  healthy: true,
  version: 'v2.1.0',
  alive: true,
  probeMs: 12,
  responseMs: 120,
  errorRate: 0,
  clientErrors: 0,
  requests: 300,
  cpu: 20,
  memory: 40,
  serviceCpu: 5,
  serviceMemory: 6,
  disk: 30,
  gates: null,
  smoke: null,
  reporters: 0,
  missing: {},
};
