import type { Instant } from './time.ts';

/** One look of the watch. null = not measured, which is never a pass. */
export interface Sample {
  readonly jobId: string;
  readonly environment: string;
  readonly at: Instant;
  /** Did the public port answer health with 2xx, and as which version. */
  readonly healthy: boolean | null;
  readonly version: string | null;
  /** Is the service's own process there. */
  readonly alive: boolean | null;
  /** Milliseconds of the health probe. */
  readonly probeMs: number | null;
  /** p95 of what the service answered since the look before, milliseconds. */
  readonly responseMs: number | null;
  /** Share of 5xx, and of 4xx, over the same time, percent. */
  readonly errorRate: number | null;
  readonly clientErrors: number | null;
  /** Requests counted in that time. */
  readonly requests: number | null;
  /** Percent of the host's processors, and of its memory: in use by all, and by the service and its children. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly serviceCpu: number | null;
  readonly serviceMemory: number | null;
  /** Percent used of the disk that holds the environment's root. */
  readonly disk: number | null;
  /** The newest golden check, and the newest smoke tests, of this watch; repeated until there are newer ones. */
  readonly gates: GateFacts | null;
  readonly smoke: SmokeFacts | null;
  /** How many different people have reported a problem since the watch began. */
  readonly reporters: number;
  /** Why something was not measured: measure -> reason. */
  readonly missing: Readonly<Record<string, string>>;
}

/** After a month a watch is a memory: its curves stay, in steps of ten minutes; it is judged anew no more. */
export const THINNED = { afterMs: 30 * 86_400_000, everyMs: 600_000 } as const;

/** The quality gates of the newest output, checked against the golden references. */
export interface GateFacts {
  readonly at: Instant;
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'error';
  /** "SSIM 0.981, want 0.995" or "8 of 8 passed". */
  readonly detail: string;
}

export interface SmokeFacts {
  readonly at: Instant;
  readonly passed: boolean;
  readonly detail: string;
}

/** What was measured before the switch, as plain JSON: gate -> number, and which gates failed then. */
export type Baseline = {
  readonly values: Readonly<Record<string, number>>;
  readonly failing: readonly string[];
};
