// From the file's words to the Config everything else reads: paths made absolute, what follows from other keys filled in, all of it frozen.

import { dirname, join, resolve } from 'node:path';
import type {
  ChecklistItem,
  Config,
  Environment,
  EscalationStep,
  People,
  PremergeConfig,
  ProxyConfig,
  QualityGates,
  Source,
} from '../core/config.ts';
import type { DurationMs } from '../core/time.ts';
import type { MonitorConfig, PrometheusConfig, PrometheusQuery, RollbackConfig } from '../core/watch-config.ts';
import type { ConfigFile, EnvironmentFile } from './schema.ts';

/** What the environment variables of the guide change about the file. */
export interface Overrides {
  readonly deployLead: string | null;
  readonly backupKeep: DurationMs | null;
  readonly monitorDuration: DurationMs | null;
  /** Absolute. */
  readonly artifactDir: string | null;
}

/** What can be measured with nothing but this host and Slack. */
const MEASURABLE: readonly ChecklistItem[] = ['backup', 'placeholders', 'contacts', 'approvals'];
/** What GitHub has to be asked for. */
const ON_GITHUB: readonly ChecklistItem[] = ['branch-protection', 'ci'];

interface Ground {
  readonly file: ConfigFile;
  readonly gates: QualityGates;
  readonly overrides: Overrides;
  /** Path of dhash.yml; every path in it is relative to its folder. */
  readonly path: string;
}

export function buildConfig(ground: Ground): Config {
  const { file, gates, overrides } = ground;
  const { service, timezone, defaultEnvironment, slack, reports, github, notify } = file;
  const people = { ...file.people, deployLead: overrides.deployLead ?? file.people.deployLead };
  return freeze({
    service,
    dataDir: absolute(ground, file.dataDir),
    timezone,
    defaultEnvironment,
    slack,
    people,
    qualityGates: gates,
    github,
    reports,
    premerge: buildPremerge(ground),
    notify,
    environments: Object.fromEntries(
      Object.entries(file.environments).map(([name, declared]) => [name, buildEnvironment(name, declared, people, ground)]),
    ),
  });
}

function buildPremerge(ground: Ground): PremergeConfig {
  const { environment, report, start, golden, variables, timeout, monitor, maySkip, maxAge, ...commands } = ground.file.premerge;
  return {
    environment: environment ?? ground.file.defaultEnvironment,
    commands,
    start,
    golden,
    variables,
    timeout,
    monitor,
    maySkip,
    report:
      report === null
        ? join(ground.overrides.artifactDir ?? absolute(ground, './premerge_artifacts'), 'report.json')
        : absolute(ground, report),
    maxAge,
  };
}

function buildEnvironment(name: string, declared: EnvironmentFile, people: People, ground: Ground): Environment {
  const { service, backup, approvals, escalation, rollback, ...rest } = declared;
  const { start, ports, environment, ready, drain, stopTimeout } = service;
  const proxy = buildProxy(name, declared, ground);
  return {
    ...rest,
    name,
    root: absolute(ground, declared.root),
    source: buildSource(declared, ground),
    service: {
      start: 'unit' in start ? { kind: 'systemd', unit: start.unit } : { kind: 'process', argv: start },
      ports,
      environment,
      ready: { path: ready.path, timeout: ready.timeout, versionField: ready.version },
      drain,
      stopTimeout,
    },
    proxy,
    checklist: declared.checklist ?? [
      ...(ground.file.github === null || declared.source.kind === 'archive' ? [] : ON_GITHUB),
      ...MEASURABLE,
    ],
    placeholders: declared.placeholders.map((path) => absolute(ground, path)),
    media: {
      golden: absolute(ground, declared.media.golden),
      checks: declared.media.checks.map(({ in: file, ...check }) => ({ ...check, file: absolute(ground, file) })),
    },
    backup: { ...backup, keep: ground.overrides.backupKeep ?? backup.keep },
    approvals: { ...approvals, fromOps: approvals.fromOps ?? Math.min(1, approvals.required) },
    monitor: buildMonitor(declared, proxy, ground),
    rollback: { ...rollback, modes: ruleModes(rollback) },
    escalation: escalation ?? usualLadder(people),
  };
}

function buildSource({ source }: EnvironmentFile, ground: Ground): Source {
  if (source.kind === 'archive') return { kind: 'archive', path: absolute(ground, source.archive) };
  return { kind: 'git', url: /^\.{0,2}\//.test(source.git) ? absolute(ground, source.git) : source.git };
}

function buildProxy(name: string, { proxy }: EnvironmentFile, ground: Ground): ProxyConfig {
  const { listen, host, nginx } = proxy;
  if (nginx === undefined) return { kind: 'builtin', listen, host };
  const upstream = nginx.upstream ?? `${ground.file.service}_${name}`.replaceAll(/[^A-Za-z0-9_]/g, '_');
  return { kind: 'nginx', listen, host, upstreamFile: absolute(ground, nginx.upstreamFile), upstream, reload: nginx.reload };
}

function buildMonitor({ monitor, service }: EnvironmentFile, proxy: ProxyConfig, { gates, overrides }: Ground): MonitorConfig {
  const duration = overrides.monitorDuration ?? monitor.duration;
  const updates = monitor.updates ?? [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(monitor.duration * share));
  const base = `http://${reachable(proxy.host)}:${proxy.listen}`;
  return {
    duration,
    updates: updates.filter((at) => at <= duration),
    afterRollback: monitor.afterRollback,
    interval: monitor.interval ?? gates.monitoring.checkInterval,
    health: monitor.health ?? `${base}${service.ready.path}`,
    metrics: monitor.metrics === undefined ? `${base}/metrics` : monitor.metrics,
    series: monitor.series,
    prometheus: monitor.prometheus && { url: monitor.prometheus.url, queries: declaredOnly(monitor.prometheus.queries) },
    disk: monitor.disk,
    smokeEvery: monitor.smokeEvery,
    goldenEvery: monitor.goldenEvery,
  };
}

function ruleModes({ mode, ...rules }: EnvironmentFile['rollback']): RollbackConfig['modes'] {
  return {
    'error-rate': rules.errorRate.mode ?? mode,
    'response-time': rules.responseTime.mode ?? mode,
    'quality-gates': rules.qualityGates.mode ?? mode,
    smoke: rules.smoke.mode ?? mode,
    cpu: rules.cpu.mode ?? mode,
    memory: rules.memory.mode ?? mode,
  };
}

function declaredOnly(queries: Readonly<Partial<Record<PrometheusQuery, string | undefined>>>): PrometheusConfig['queries'] {
  return Object.fromEntries(Object.entries(queries).filter(([, query]) => query !== undefined));
}

/** Who is told when nobody answers, where the file says nothing: everybody who has a role, one after the other. */
function usualLadder(people: People): readonly EscalationStep[] {
  const ladder: EscalationStep[] = [
    { to: 'deployLead', after: 0 },
    { to: 'oncall', after: 120_000 },
    { to: 'mediaEng', after: 300_000 },
    { to: 'engineeringManager', after: 900_000 },
  ];
  return ladder.filter(({ to }) => people[to] !== null);
}

// "All addresses" is where one listens, not where one asks.
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function absolute({ path }: Ground, relative: string): string {
  return resolve(dirname(path), relative);
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
