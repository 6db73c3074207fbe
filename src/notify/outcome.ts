// What became of one attempt to send, whatever the channel.

import type { Json } from '../core/json.ts';
import type { DurationMs } from '../core/time.ts';

export type SendOutcome =
  | { readonly kind: 'sent' }
  /** Certainly not delivered. `patienceMs`: how long that may last before people are told. */
  | {
      readonly kind: 'again';
      readonly code: string;
      readonly detail: string;
      readonly atLeastMs: DurationMs;
      readonly patienceMs: DurationMs;
    }
  /** Nobody knows whether it was delivered. */
  | { readonly kind: 'maybe'; readonly code: string; readonly detail: string }
  /** Refused for good: this message will never be taken. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

export interface Sender {
  /** Sending twice is sending once: the other side folds by a key of its own. */
  readonly idempotent: boolean;
  /** Never throws for anything the other side does. */
  readonly send: (sending: { readonly key: string; readonly content: Json; readonly signal: AbortSignal }) => Promise<SendOutcome>;
  readonly close: () => void;
}

/** Unreachable: told soon. */
export const SOON_MS = 60_000;
/** "Not now", from a server that works (greylisting, a rate limit): that is its right for a while. */
export const LATER_MS = 1_800_000;

export function again(
  code: string,
  detail: string,
  more: { readonly atLeastMs?: DurationMs; readonly patienceMs?: DurationMs } = {},
): SendOutcome {
  return { kind: 'again', code, detail: short(detail), atLeastMs: more.atLeastMs ?? 0, patienceMs: more.patienceMs ?? SOON_MS };
}

/** What a stranger's server said, for one line. */
export function short(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** A server may answer with what it was sent, the secrets in it too. Cut only after they are out: half a secret is not found. */
export function discreet(sender: Sender, redact: (text: string) => string): Sender {
  return {
    ...sender,
    send: async (sending) => {
      const outcome = await sender.send(sending);
      return 'detail' in outcome ? { ...outcome, detail: cut(redact(outcome.detail)) } : outcome;
    },
  };
}

function cut(line: string): string {
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
