// The demo's dhash.yml: the real thing with shorter times.

import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../src/host/free-ports.ts';
import type { LocalGithub } from './local-github.ts';
import { CHANNEL, PEOPLE, TEAM } from './people.ts';

export interface DemoConfig {
  /** For DHASH_CONFIG while the demo runs. */
  readonly file: string;
  /** For DHASH_CONFIG while v2.0.0 is put live: no approvals, no questions; same folders, ports and database. */
  readonly setupFile: string;
  readonly root: string;
  readonly dataDir: string;
  /** `http://127.0.0.1:PORT`, where the service's users go. */
  readonly publicUrl: string;
  readonly ports: { readonly listen: number; readonly blue: number; readonly green: number };
  readonly pace: Pace;
}

/** What the local GitHub requires on main, and reports green on each release. */
export const GITHUB_CHECKS = ['ci/premerge-validation', 'golden-checks-ubuntu', 'golden-checks-macos', 'golden-checks-windows'];

/** How fast the story goes. `script` fits into three minutes; `people` leaves time to read and click. */
export interface Pace {
  readonly watch: string;
  readonly updates: readonly string[];
  readonly afterRollback: string;
  readonly interval: string;
  /** How long v2.2.0 collects pictures before it begins to compare them, ms. */
  readonly similarityWarmupMs: number;
  readonly picturesPerSecond: number;
}

export const PACES: { readonly script: Pace; readonly people: Pace } = {
  script: {
    watch: '25s',
    updates: ['0s', '10s', '25s'],
    afterRollback: '15s',
    interval: '1s',
    similarityWarmupMs: 12_000,
    picturesPerSecond: 20,
  },
  people: {
    watch: '3m',
    updates: ['0s', '45s', '90s', '135s', '3m'],
    afterRollback: '90s',
    interval: '2s',
    similarityWarmupMs: 60_000,
    picturesPerSecond: 10,
  },
};

/** Writes `<dir>/dhash.yml`, `<dir>/dhash.setup.yml`, `<dir>/quality-gates.json` and the service's shared folder. */
export async function writeDemoConfig(demo: {
  readonly dir: string;
  readonly repository: string;
  readonly pace: Pace;
  /** null = there is none: its two questions are left out. */
  readonly github: Pick<LocalGithub, 'repository' | 'branch'> | null;
}): Promise<DemoConfig> {
  const { dir, pace } = demo;
  const [listen = 0, blue = 0, green = 0] = await freePorts(3);
  const ports = { listen, blue, green };
  const root = join(dir, 'host');
  const names = { file: join(dir, 'dhash.yml'), setupFile: join(dir, 'dhash.setup.yml') };
  const production = environment({ ...demo, root, ports });
  const setup = { ...production, approvals: { required: 0, fromOps: 0, expiresAfter: '1h' }, checklist: ['placeholders', 'contacts'] };

  await mkdir(join(root, 'shared', 'data'), { recursive: true });
  await writeFile(join(root, 'shared', '.env'), `SIMILARITY_WARMUP_MS=${pace.similarityWarmupMs}\n`);
  await writeFile(join(dir, 'quality-gates.json'), `${JSON.stringify(qualityGates(pace), null, 2)}\n`);
  await writeFile(names.file, stringify(document(production, demo.github)));
  await writeFile(names.setupFile, stringify(document(setup, demo.github)));
  return { ...names, root, dataDir: join(dir, 'data'), publicUrl: `http://127.0.0.1:${listen}`, ports, pace };
}

function document(production: object, github: Pick<LocalGithub, 'repository' | 'branch'> | null) {
  return {
    service: 'mobius-dhash',
    dataDir: './data',
    qualityGates: './quality-gates.json',
    timezone: 'UTC',
    defaultEnvironment: 'production',
    slack: { channel: CHANNEL, team: TEAM },
    people: {
      // Ids, not groups: the local Slack has no user groups.
      reviewers: [PEOPLE.ana.id, PEOPLE.bob.id, PEOPLE.carol.id],
      ops: [PEOPLE.olga.id],
      deployLead: PEOPLE.ana.id,
      oncall: PEOPLE.olga.id,
      mediaEng: PEOPLE.mia.id,
      engineeringManager: PEOPLE.emil.id,
      shell: { [userInfo().username]: PEOPLE.ana.id },
    },
    // No notices leave the demo; these are names for those in the thread.
    notify: { contacts: Object.fromEntries(Object.values(PEOPLE).map(({ id, name }) => [id, { name, mail: null }])) },
    ...(github === null ? {} : { github: { repository: github.repository, branch: github.branch, requiredChecks: GITHUB_CHECKS } }),
    environments: { production },
  };
}

function environment(demo: {
  readonly root: string;
  readonly repository: string;
  readonly ports: DemoConfig['ports'];
  readonly pace: Pace;
  readonly github: object | null;
}) {
  const { pace, ports } = demo;
  const publicUrl = `http://127.0.0.1:${ports.listen}`;
  return {
    root: demo.root,
    source: { git: demo.repository },
    build: [],
    service: {
      // The Node that runs the demo runs the service too.
      start: [process.execPath, 'server.js'],
      ports: { blue: ports.blue, green: ports.green },
      ready: { path: '/health', timeout: '15s', version: 'version' },
      drain: '5s',
      stopTimeout: '10s',
    },
    proxy: { listen: ports.listen },
    shared: ['data', '.env'],
    migrate: [],
    smoke: [
      { name: 'health', get: '/health', expect: 200, critical: true },
      { name: 'hash', run: ['npm', 'run', '--silent', 'smoke:production'], critical: true },
    ],
    backup: { keep: '30d', keepLastGood: 5, schedule: '0 3 * * *', before: [] },
    checklist: [...(demo.github === null ? [] : ['branch-protection', 'ci']), 'backup', 'placeholders', 'contacts', 'approvals'],
    approvals: { required: 2, fromOps: 1, expiresAfter: '1h' },
    monitor: {
      duration: pace.watch,
      updates: [...pace.updates],
      afterRollback: pace.afterRollback,
      interval: pace.interval,
      health: `${publicUrl}/health`,
      metrics: `${publicUrl}/metrics`,
      series: { requests: 'http_requests_total', status: 'status', duration: 'http_request_duration_seconds' },
    },
    rollback: {
      mode: 'ask',
      errorRate: { above: 5, for: '5s' },
      responseTime: { above: 500, for: '5s' },
      qualityGates: { failures: 4 },
      cpu: { above: 99, checks: 60 },
      memory: { above: 99, checks: 60 },
    },
    escalation: [
      { to: 'deployLead', after: '0s' },
      { to: 'oncall', after: '20s' },
      { to: 'mediaEng', after: '2m' },
      { to: 'engineeringManager', after: '5m' },
    ],
  };
}

/** The project's thresholds, but a busy laptop is no incident: processor and memory may be full. */
function qualityGates(pace: Pace) {
  return {
    quality_gates: {
      audio: { lufs_tolerance: 1.0, true_peak_tolerance: 1.0, units: 'dB' },
      video: { ssim_threshold: 0.995, frame_rate_tolerance: 0.1, resolution_exact: '1920x1080' },
      performance: { response_time_max: 200, error_rate_max: 1, cpu_usage_max: 100, memory_usage_max: 100 },
      monitoring: { check_interval: Number.parseInt(pace.interval, 10), failure_threshold: 3, recovery_threshold: 5 },
    },
  };
}
