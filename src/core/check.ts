// A check is a question with four answers. `unknown` and `error` are answers of their own: never a pass.

import type { Instant } from './time.ts';

export type CheckResult =
  | { readonly kind: 'pass'; readonly detail: string }
  | { readonly kind: 'fail'; readonly detail: string; readonly hint: string | null }
  | {
      readonly kind: 'unknown';
      readonly detail: string;
      readonly hint: string | null;
      /** When to ask again, for what settles by itself: a run that has not ended, a limit that frees up. */
      readonly askAgainAt?: Instant;
    }
  | { readonly kind: 'error'; readonly detail: string; readonly hint: string | null };

/** A judged check with when its evidence was gathered, so that its age can be shown. */
export interface Evidence {
  readonly check: string;
  readonly result: CheckResult;
  /** When the facts were true (a backup's verification, a CI run's end), not when we asked. */
  readonly at: Instant;
}

export function isPass(evidence: Evidence): boolean {
  return evidence.result.kind === 'pass';
}

export const pass = (detail: string): CheckResult => ({ kind: 'pass', detail });
export const fail = (detail: string, hint: string | null = null): CheckResult => ({ kind: 'fail', detail, hint });
export const unknown = (detail: string, hint: string | null = null, askAgainAt: Instant | null = null): CheckResult => ({
  kind: 'unknown',
  detail,
  hint,
  ...(askAgainAt === null ? {} : { askAgainAt }),
});
export const error = (detail: string, hint: string | null = null): CheckResult => ({ kind: 'error', detail, hint });
