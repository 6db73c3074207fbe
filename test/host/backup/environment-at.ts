// An environment in which only the root and the shared names matter.

import type { Environment } from '../../../src/core/config.ts';

export function environmentAt(root: string, shared: readonly string[]): Environment {
  return {
    name: 'production',
    root,
    source: { kind: 'git', url: '/nowhere' },
    build: [],
    service: {
      start: { kind: 'process', argv: ['true'] },
      ports: { blue: 1, green: 2 },
      environment: [],
      ready: { path: '/health', timeout: 1_000, versionField: 'version' },
      drain: 0,
      stopTimeout: 1_000,
    },
    proxy: { kind: 'builtin', listen: 3, host: '127.0.0.1' },
    shared,
    migrate: [],
    smoke: [],
    backup: { keep: 1_000, keepLastGood: 5, schedule: null, before: [] },
    checklist: [],
    placeholders: [],
    media: { golden: '/srv/golden', checks: [] },
    approvals: { required: 0, fromOps: 0, expiresAfter: 1_000 },
    monitor: {
      duration: 1_000,
      updates: [],
      afterRollback: 1_000,
      interval: 1_000,
      health: 'http://127.0.0.1:3/health',
      metrics: null,
      series: { requests: 'a', status: 'b', duration: 'c' },
      prometheus: null,
      disk: 90,
      smokeEvery: 10,
      goldenEvery: 10,
    },
    rollback: {
      mode: 'ask',
      countdown: 30_000,
      modes: { 'error-rate': 'ask', 'response-time': 'ask', 'quality-gates': 'ask', smoke: 'ask', cpu: 'ask', memory: 'ask' },
      errorRate: { above: 1, for: 1_000 },
      responseTime: { above: 500, for: 1_000 },
      qualityGates: { failures: 4 },
      cpu: { above: 90, checks: 3 },
      memory: { above: 95, checks: 3 },
    },
    escalation: [],
    keepReleases: 3,
  };
}
