// A configuration in memory for tests that are not about configuration.

import type { Config, Environment, PremergeConfig } from '../../src/core/config.ts';
import { USUAL_AUDIENCES } from '../../src/core/notice.ts';

export function testEnvironment(changed: Partial<Environment> = {}): Environment {
  return {
    name: 'production',
    root: '/srv/dhash',
    source: { kind: 'git', url: '/srv/git/dhash.git' },
    build: [],
    service: {
      start: { kind: 'process', argv: ['node', 'server.js'] },
      ports: { blue: 9101, green: 9102 },
      environment: [],
      ready: { path: '/health', timeout: 30_000, versionField: 'version' },
      drain: 1_000,
      stopTimeout: 5_000,
    },
    proxy: { kind: 'builtin', listen: 8080, host: '127.0.0.1' },
    shared: ['data'],
    migrate: [],
    smoke: [],
    backup: { keep: 30 * 86_400_000, keepLastGood: 5, schedule: null, before: [] },
    checklist: ['approvals'],
    placeholders: [],
    media: { golden: '/srv/golden', checks: [] },
    approvals: { required: 2, fromOps: 1, expiresAfter: 3_600_000 },
    monitor: {
      duration: 600_000,
      updates: [0, 300_000, 600_000],
      afterRollback: 1_200_000,
      interval: 30_000,
      health: 'http://127.0.0.1:8080/health',
      metrics: null,
      series: { requests: 'http_requests_total', status: 'status', duration: 'http_request_duration_seconds' },
      prometheus: null,
      disk: 90,
      smokeEvery: 10,
      goldenEvery: 10,
    },
    rollback: {
      mode: 'ask',
      countdown: 30_000,
      modes: { 'error-rate': 'ask', 'response-time': 'ask', 'quality-gates': 'ask', smoke: 'ask', cpu: 'ask', memory: 'ask' },
      errorRate: { above: 1, for: 300_000 },
      responseTime: { above: 500, for: 120_000 },
      qualityGates: { failures: 4 },
      cpu: { above: 90, checks: 3 },
      memory: { above: 95, checks: 3 },
    },
    escalation: [],
    keepReleases: 5,
    ...changed,
  };
}

export function testConfig(environment: Partial<Environment> = {}, changed: Partial<Config> = {}): Config {
  const base: Omit<Config, 'github' | 'premerge'> = {
    reports: { url: null },
    service: 'mobius-dhash',
    dataDir: '/data',
    timezone: 'UTC',
    defaultEnvironment: 'production',
    slack: { channel: 'C0OPS', team: null, app: null },
    people: {
      reviewers: ['U0BOB', 'U0CAROL'],
      ops: ['U0OPS'],
      deployLead: 'U0LEAD',
      oncall: 'U0OPS',
      mediaEng: null,
      engineeringManager: null,
      shell: { root: 'U0LEAD' },
    },
    qualityGates: {
      audio: { lufsTolerance: 1, truePeakTolerance: 1 },
      video: { ssimThreshold: 0.995, ssimMethod: 'ffmpeg', frameRateTolerance: 0.1, resolution: { width: 1920, height: 1080 } },
      performance: { responseTimeMax: 200, errorRateMax: 0.1, cpuUsageMax: 70, memoryUsageMax: 80 },
      monitoring: { checkInterval: 30_000, failureThreshold: 3, recoveryThreshold: 5 },
    },
    notify: {
      mail: null,
      teams: { timeout: 20_000 },
      pagerduty: { api: 'https://events.pagerduty.com', timeout: 20_000 },
      contacts: {},
      meeting: null,
      audiences: USUAL_AUDIENCES,
      wording: {},
    },
    environments: { production: testEnvironment(environment) },
  };
  return { github: null, premerge: testPremerge(), ...base, ...changed };
}

export function testPremerge(changed: Partial<PremergeConfig> = {}): PremergeConfig {
  return {
    environment: 'production',
    commands: { install: null, lint: null, test: null, build: null, migrateDryRun: null },
    start: null,
    golden: [],
    variables: [],
    timeout: 60_000,
    monitor: 30_000,
    maySkip: ['lint', 'build', 'migrate-dryrun', 'golden'],
    report: '/data/premerge_artifacts/report.json',
    maxAge: 24 * 3_600_000,
    ...changed,
  };
}
