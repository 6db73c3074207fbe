// What comes in from Slack and what goes out to it, durable on both sides.

import type { Json } from './json.ts';
import type { Instant } from './time.ts';

export interface Received {
  /** The envelope's, trigger's or event's own id: the same key twice is one thing delivered twice. */
  readonly key: string;
  readonly at: Instant;
  readonly payload: Json;
}

export interface Inbox {
  /** Deduplicates and enqueues in one transaction, so that the sender may be acked. Keys are remembered for at least 24 h. */
  readonly receive: (received: Received) => Promise<'new' | 'seen'>;
  /** Not done yet, oldest first. */
  readonly pending: (limit: number) => Promise<readonly Received[]>;
  readonly done: (key: string) => Promise<void>;
}

/** Where an entry goes. `card` edits in place once it was posted; `chart` is a file for the thread, mostly a picture; `ephemeral` only one person sees. */
export type Destination =
  | { readonly kind: 'card'; readonly request: string }
  | { readonly kind: 'thread'; readonly request: string; readonly broadcast: boolean }
  | { readonly kind: 'chart'; readonly request: string }
  | { readonly kind: 'ephemeral'; readonly user: string }
  /** Leaves beside Slack: the notice's name, and to whom, as people read it. */
  | { readonly kind: 'notice'; readonly request: string; readonly notice: string; readonly to: string };

export interface OutboxEntry {
  readonly id: number;
  /** Unique for ever: telling twice with one key is telling once. Travels in the message's metadata, so that an ambiguous send can be looked up. */
  readonly key: string;
  readonly channel: string;
  readonly to: Destination;
  /** A neutral Message; of a chart, a ChartUpload or a LogUpload. */
  readonly content: Json;
  readonly createdAt: Instant;
  /** `sending` after a crash or a lost answer = nobody knows whether Slack has it. */
  readonly state: 'pending' | 'sending' | 'sent' | 'failed';
  /** Who began a `sending` entry, so that the others can tell whether that process still lives; null while pending. */
  readonly owner: string | null;
  readonly attempts: number;
  readonly notBefore: Instant;
  /** Slack's message timestamp once sent. */
  readonly ts: string | null;
  readonly error: string | null;
}

export interface NewOutboxEntry {
  readonly key: string;
  readonly channel: string;
  readonly to: Destination;
  readonly content: Json;
  readonly at: Instant;
}

export interface Outbox {
  /**
   * Adds entries and moves the named cursor in one transaction. A known key is ignored. A new `card` entry replaces an unsent
   * (pending) update of the same card that is already posted or still to be posted, keeping the older one's id, key and place in the queue; the newer
   * key is remembered too. An entry that is `sending` is never touched: the newer one waits behind it. Answers `stale` and writes nothing when the
   * cursor is not at `from` any more (another process has projected).
   */
  readonly enqueue: (
    entries: readonly NewOutboxEntry[],
    cursor: { readonly name: string; readonly from: number; readonly to: number } | null,
  ) => Promise<'queued' | 'stale'>;
  readonly cursor: (name: string) => Promise<number>;
  /** Channels with something to send. */
  readonly channels: () => Promise<readonly string[]>;
  /** The head of a channel's queue (sending before pending), whatever its `notBefore`; null when empty. */
  readonly head: (channel: string) => Promise<OutboxEntry | null>;
  /**
   * Moves the head of its channel to `sending` and counts the attempt. False when it may not be sent by this process now: another entry of the channel
   * is `sending` (one deliverer per channel, across processes), it is not the head, not before `notBefore`, or it is gone. A `sending` entry is taken
   * over with `from` = the owner read from `head`, whom the caller has found dead (or `from` = itself); of several that try only one gets true. The
   * taker must look it up, then say `sent` or `retry`. Taking over counts no attempt.
   */
  readonly begin: (id: number, owner: string, now: Instant, from?: string) => Promise<boolean>;
  /** Slack has it. A card's ts is remembered for `card`; saying it twice is saying it once. */
  readonly sent: (id: number, ts: string | null) => Promise<void>;
  /** Back to pending, certainly not delivered. A newer update of the same card that waited behind it takes its place. */
  readonly retry: (id: number, notBefore: Instant, error: string) => Promise<void>;
  /** Stays `sending`: it must be looked up before anything is repeated, not before `notBefore`. */
  readonly ambiguous: (id: number, notBefore: Instant, error: string) => Promise<void>;
  /** Given up (Slack refuses it for ever): kept, counted, said in /healthz; the queue goes on. */
  readonly fail: (id: number, error: string) => Promise<void>;
  /** Where a request's card was posted. */
  readonly card: (request: string) => Promise<{ readonly channel: string; readonly ts: string } | null>;
  readonly depth: () => Promise<{ readonly waiting: number; readonly failed: number; readonly oldestAt: Instant | null }>;
}
