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

/** No answer: the question makes no sense here, and the detail says why. Only an item of the checklist may say so. */
export interface Skip {
  readonly kind: 'skip';
  readonly detail: string;
}

/** A judged check with when its evidence was gathered, so that its age can be shown. */
export interface Evidence {
  readonly check: string;
  readonly result: CheckResult | Skip;
  /** When the facts were true (a backup's verification, a CI run's end), not when we asked. */
  readonly at: Instant;
}

export function isPass(evidence: Evidence): boolean {
  return evidence.result.kind === 'pass';
}

/** What keeps a deploy from going on. */
export function hinders({ result }: Evidence): boolean {
  return result.kind !== 'pass' && result.kind !== 'skip';
}

/** "8 of 9 pass, 1 does not apply" */
export function tally(evidence: readonly Evidence[], verb = 'pass'): string {
  const skipped = evidence.filter(({ result }) => result.kind === 'skip').length;
  const beside = skipped === 0 ? '' : `, ${skipped} ${skipped === 1 ? 'does' : 'do'} not apply`;
  return `${evidence.filter(isPass).length} of ${evidence.length} ${verb}${beside}`;
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
