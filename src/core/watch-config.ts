// What a watch looks at, and when it says "go back": the declared part, frozen after loading.

import type { Rule, RuleMode } from './rule.ts';
import type { DurationMs } from './time.ts';

export interface MonitorConfig {
  readonly duration: DurationMs;
  /** Offsets from the start at which a summary is posted. */
  readonly updates: readonly DurationMs[];
  readonly afterRollback: DurationMs;
  readonly interval: DurationMs;
  /** Absolute URLs, through the public port. */
  readonly health: string;
  readonly metrics: string | null;
  /** Names of the service's Prometheus series. */
  readonly series: { readonly requests: string; readonly status: string; readonly duration: string };
  /** null = no Prometheus server is asked. */
  readonly prometheus: PrometheusConfig | null;
  /** Percent of the disk in use above which the watch warns. */
  readonly disk: number;
  /** Smoke tests and golden checks run at every so-manieth look; 0 = never. */
  readonly smokeEvery: number;
  readonly goldenEvery: number;
}

const PROMETHEUS_QUERIES = ['up', 'requests', 'errorRate', 'clientErrors', 'responseTime', 'cpu', 'memory'] as const;
export type PrometheusQuery = (typeof PROMETHEUS_QUERIES)[number];

export interface PrometheusConfig {
  readonly url: string;
  /** What each asks for comes from Prometheus, the rest from the service's own text. */
  readonly queries: Readonly<Partial<Record<PrometheusQuery, string>>>;
}

export interface RollbackConfig {
  readonly mode: RuleMode;
  /** Rule -> its own mode, or the one above. */
  readonly modes: Readonly<Record<Rule, RuleMode>>;
  /** How long an automatic rollback can be stopped before it begins. */
  readonly countdown: DurationMs;
  readonly errorRate: { readonly above: number; readonly for: DurationMs };
  readonly responseTime: { readonly above: number; readonly for: DurationMs };
  readonly qualityGates: { readonly failures: number };
  readonly cpu: { readonly above: number; readonly checks: number };
  readonly memory: { readonly above: number; readonly checks: number };
}
