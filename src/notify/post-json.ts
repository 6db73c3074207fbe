// POST of JSON to a service that answers with a status: what it means for a message that must arrive once.

import type { Json } from '../core/json.ts';
import type { DurationMs } from '../core/time.ts';
import { again, LATER_MS, type SendOutcome, short } from './outcome.ts';

/** Failures before a byte of the request was written. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const LONGEST_WISH_MS = 3_600_000;
const READ_AT_MOST = 2_000;

export interface Posting {
  readonly url: string;
  readonly body: Json;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
}

export interface Posted {
  readonly outcome: SendOutcome;
  /** The beginning of what was answered. */
  readonly answer: string;
}

export async function postJson({ url, body, timeoutMs, signal }: Posting): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // The address is a secret: it is told to nobody else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const answer = await beginningOf(response);
    return { outcome: judge(response, answer), answer };
  } catch (thrown) {
    const code = codeOf(thrown);
    if (BEFORE_SENDING.has(code)) return { outcome: again(code, 'no connection'), answer: '' };
    return { outcome: { kind: 'maybe', code, detail: 'the answer was lost' }, answer: '' };
  }
}

function judge(response: Response, answer: string): SendOutcome {
  const { status } = response;
  const code = `http-${status}`;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 429) return again(code, 'asked to wait', { atLeastMs: wishOf(response.headers.get('retry-after')), patienceMs: LATER_MS });
  if (status === 400 || status === 413 || status === 422) return { kind: 'refused', code, detail: short(answer) };
  if (status >= 500) return { kind: 'maybe', code, detail: short(answer) };
  // The address or its rights are wrong: somebody can mend that, and then it goes out.
  return again(code, answer);
}

/** Seconds or a date, as HTTP has it. */
function wishOf(header: string | null): DurationMs {
  if (header === null) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(LONGEST_WISH_MS, Math.max(0, ms)) : 0;
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  while (text.length < READ_AT_MOST) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, READ_AT_MOST);
}

function codeOf(thrown: unknown): string {
  const cause: unknown = thrown instanceof Error ? thrown.cause : null;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : null;
  if (typeof code === 'string') return code;
  return thrown instanceof Error ? thrown.name : 'unknown';
}
