// A real git repository, made in the test.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../src/core/config.ts';
import { hostEnv } from './commands.ts';

const WHO = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export interface Repository {
  /** The bare one, as a server has it. */
  readonly url: string;
  readonly git: (...args: string[]) => string;
  /** Commits the files and answers the commit. */
  readonly commit: (files: Record<string, string>) => string;
  readonly publish: () => void;
}

export function makeRepository(folder: string): Repository {
  const work = join(folder, 'work');
  const url = join(folder, 'mobius.git');
  mkdirSync(work);
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: work, env: { ...hostEnv(), ...WHO }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('init', '--quiet', '--bare', url);
  git('remote', 'add', 'origin', url);

  return {
    url,
    git,
    commit: (files) => {
      for (const [name, text] of Object.entries(files)) put(join(work, name), text);
      git('add', '--all');
      git('commit', '--quiet', '--message=change');
      return git('rev-parse', 'HEAD');
    },
    publish: () => {
      git('push', '--quiet', '--force', 'origin', 'main');
      git('push', '--quiet', '--force', '--tags', 'origin');
    },
  };
}

/** `-> target` makes a link, `#!...` an executable file. */
export function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
  else writeFileSync(path, text);
  if (text.startsWith('#!')) chmodSync(path, 0o755);
}

export function anEnvironment(root: string, source: Environment['source'], shared: readonly string[] = []): Environment {
  return {
    name: 'production',
    root,
    source,
    build: [],
    service: {
      start: { kind: 'process', argv: ['node', 'server.js'] },
      ports: { blue: 9101, green: 9102 },
      environment: [],
      ready: { path: '/health', timeout: 30_000, versionField: 'version' },
      drain: 5_000,
      stopTimeout: 10_000,
    },
    proxy: { kind: 'builtin', listen: 8080, host: '127.0.0.1' },
    shared,
    migrate: [],
    smoke: [],
    backup: { keep: 1, keepLastGood: 1, schedule: null, before: [] },
    checklist: [],
    placeholders: [],
    media: { golden: '/srv/golden', checks: [] },
    approvals: { required: 0, fromOps: 0, expiresAfter: 1 },
    monitor: {
      duration: 1,
      updates: [],
      afterRollback: 1,
      interval: 1,
      health: 'http://127.0.0.1:8080/health',
      metrics: null,
      series: { requests: 'r', status: 's', duration: 'd' },
      prometheus: null,
      disk: 90,
      smokeEvery: 10,
      goldenEvery: 10,
    },
    rollback: {
      mode: 'ask',
      countdown: 30_000,
      modes: { 'error-rate': 'ask', 'response-time': 'ask', 'quality-gates': 'ask', smoke: 'ask', cpu: 'ask', memory: 'ask' },
      errorRate: { above: 1, for: 1 },
      responseTime: { above: 1, for: 1 },
      qualityGates: { failures: 4 },
      cpu: { above: 90, checks: 3 },
      memory: { above: 95, checks: 3 },
    },
    escalation: [],
    keepReleases: 3,
  };
}
