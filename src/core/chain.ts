// The audit chain: each event's hash covers the one before it, so a changed, missing or added line shows.

import { createHash } from 'node:crypto';
import type { NewEvent, StoredEvent } from './event.ts';
import { canonicalJson, type Json } from './json.ts';
import type { Instant } from './time.ts';

const GENESIS = '0'.repeat(64);

/** The event as it is stored: numbered, dated, and hashed over its content and the hash before it. */
export function link(previous: { readonly seq: number; readonly hash: string } | null, event: NewEvent, at: Instant): StoredEvent {
  const seq = (previous?.seq ?? 0) + 1;
  const prevHash = previous?.hash ?? GENESIS;
  return { ...event, seq, at, prevHash, hash: hashOf({ ...event, seq, at, prevHash }) };
}

/** The first event that does not fit the chain, or null when all do. `from` is the event before the first one given. */
export function firstBroken(
  events: readonly StoredEvent[],
  from: { readonly seq: number; readonly hash: string } | null,
): { readonly seq: number; readonly why: string } | null {
  let previous = from;
  for (const event of events) {
    if (event.seq !== (previous?.seq ?? 0) + 1) return { seq: event.seq, why: `expected number ${(previous?.seq ?? 0) + 1}` };
    if (event.prevHash !== (previous?.hash ?? GENESIS)) return { seq: event.seq, why: 'does not follow the event before it' };
    if (event.hash !== hashOf(event)) return { seq: event.seq, why: 'content differs from its hash' };
    previous = event;
  }
  return null;
}

function hashOf(event: NewEvent & { readonly seq: number; readonly at: Instant; readonly prevHash: string }): string {
  const { seq, at, type, environment, requestId, jobId, actor, data, prevHash } = event;
  const content = { seq, at, type, environment, requestId, jobId, actor, data, prevHash } as unknown as Json;
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
