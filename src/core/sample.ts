import type { Instant } from './time.ts';

/** One look of the watch. null = not measured, which is never a pass. */
export interface Sample {
  readonly jobId: string;
  readonly environment: string;
  readonly at: Instant;
  /** Did the public port answer health with 2xx, and as which version. */
  readonly healthy: boolean | null;
  readonly version: string | null;
  /** Milliseconds of the health probe. */
  readonly probeMs: number | null;
  /** p95 over the last interval from the service's histogram, milliseconds. */
  readonly responseMs: number | null;
  /** Share of 5xx over the last interval, percent. */
  readonly errorRate: number | null;
  /** Requests counted in the last interval. */
  readonly requests: number | null;
  /** Percent of the host's processors, and of its memory. */
  readonly cpu: number | null;
  readonly memory: number | null;
  /** Why something was not measured: measure -> reason. */
  readonly missing: Readonly<Record<string, string>>;
}
