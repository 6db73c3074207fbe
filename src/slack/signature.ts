// Slack's request signing v0, stricter than Bolt's: the timestamp must be ten digits and close to now in both directions.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../core/time.ts';

export type SignatureVerdict =
  | { readonly kind: 'genuine' }
  | { readonly kind: 'refused'; readonly reason: 'no-timestamp' | 'stale' | 'future' | 'no-signature' | 'wrong-signature' };

export interface SignedRequest {
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** The bytes as they came, before any parsing. */
  readonly body: Buffer;
}

const MAX_SKEW_S = 300;

export function verifySignature(request: SignedRequest, secret: string, now: Instant): SignatureVerdict {
  const { timestamp, signature, body } = request;
  if (timestamp === undefined || !/^\d{10}$/.test(timestamp)) return { kind: 'refused', reason: 'no-timestamp' };
  const skew = Math.floor(now / 1_000) - Number(timestamp);
  if (skew > MAX_SKEW_S) return { kind: 'refused', reason: 'stale' };
  if (skew < -MAX_SKEW_S) return { kind: 'refused', reason: 'future' };
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return { kind: 'refused', reason: 'no-signature' };
  const expected = Buffer.from(sign(secret, timestamp, body));
  return timingSafeEqual(expected, Buffer.from(signature)) ? { kind: 'genuine' } : { kind: 'refused', reason: 'wrong-signature' };
}

/** `v0=<hex>` over timestamp and body. */
export function sign(secret: string, timestamp: string, body: Buffer | string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}
