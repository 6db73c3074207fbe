// What is known about one attempt at an outbox entry after it was made.

import type { DurationMs } from '../core/time.ts';
import type { Failure } from './outcome.ts';

export type Sent =
  | { readonly kind: 'sent'; readonly ts: string | null }
  /** Certainly not delivered. `atLeastMs` is Slack's own wish; `mendable` = an operator can make it work, so it waits longer. */
  | { readonly kind: 'again'; readonly code: string; readonly atLeastMs: DurationMs; readonly mendable: boolean }
  /** Must be looked up before it is repeated. */
  | { readonly kind: 'unknown'; readonly code: string; readonly atLeastMs: DurationMs; readonly mendable: boolean }
  | { readonly kind: 'dead'; readonly code: string };

type Again = Extract<Sent, { kind: 'again' }>;

/** A request whose answer was lost may still arrive: look it up a little later. */
export const ARRIVAL_MS = 3_000;

export function again(failure: Failure): Again {
  const code = failure.kind === 'refused' && failure.needed !== null ? `${failure.code} (needs ${failure.needed})` : failure.code;
  return {
    kind: 'again',
    code,
    atLeastMs: failure.kind === 'limited' ? failure.retryAfterMs : 0,
    mendable: failure.kind === 'refused',
  };
}
