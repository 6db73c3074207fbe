/** What a whole watch saw, added up look by look. */
export interface WatchTotals {
  /** How often a gate answered, and how often that was a pass. What was not measured is no answer. */
  readonly answers: number;
  readonly passes: number;
  /** The p95 of each look that had one, in milliseconds. */
  readonly responseMs: Spread;
  /** What the service counted: all requests, and those it answered with 5xx. */
  readonly requests: number;
  readonly failed: number;
}

export interface Spread {
  readonly count: number;
  readonly sum: number;
  readonly most: number;
}
