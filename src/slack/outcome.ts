// What became of a call to Slack, judged by properties of the error and never by its words.

import type { DurationMs } from '../core/time.ts';

export type Failure =
  /** Over a rate limit: certainly not done, and not before `retryAfterMs`. */
  | { readonly kind: 'limited'; readonly code: string; readonly retryAfterMs: DurationMs }
  /** Slack said no. `code` is Slack's own word. */
  | { readonly kind: 'refused'; readonly code: string; readonly needed: string | null }
  /** Certainly never reached Slack. */
  | { readonly kind: 'unsent'; readonly code: string }
  /** Nobody knows: the answer was lost, or Slack itself does not know. */
  | { readonly kind: 'ambiguous'; readonly code: string };

export type Outcome<T> = { readonly kind: 'ok'; readonly value: T } | Failure;

const LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
const UNKNOWABLE = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);
/** Failures before a byte of the request was written. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Any error of @slack/web-api as a Failure. What it does not recognize is ambiguous. */
export function judgeFailure(thrown: unknown): Failure {
  const code = textAt(thrown, 'code');
  if (code === 'slack_webapi_rate_limited_error') {
    return { kind: 'limited', code: 'ratelimited', retryAfterMs: Math.max(1, numberAt(thrown, 'retryAfter') ?? 30) * 1_000 };
  }
  if (code === 'slack_webapi_platform_error') return judgeAnswer(at(thrown, 'data'));
  if (code === 'slack_webapi_http_error') return judgeStatus(numberAt(thrown, 'statusCode') ?? 0);
  return judgeTransport(code === 'slack_webapi_request_error' ? at(thrown, 'original') : thrown);
}

function judgeAnswer(data: unknown): Failure {
  const code = textAt(data, 'error') ?? '';
  // A proxy's HTML page comes in as the "code": whether Slack has the call is unknown, and the page must not be logged.
  if (!/^[a-z][a-z0-9_.-]{0,79}$/i.test(code)) return { kind: 'ambiguous', code: 'answer-not-from-slack' };
  if (LIMITED.has(code)) return { kind: 'limited', code, retryAfterMs: 30_000 };
  if (UNKNOWABLE.has(code)) return { kind: 'ambiguous', code };
  return { kind: 'refused', code, needed: textAt(data, 'needed') };
}

function judgeStatus(status: number): Failure {
  return status >= 500 ? { kind: 'ambiguous', code: `http-${status}` } : { kind: 'unsent', code: `http-${status}` };
}

function judgeTransport(error: unknown): Failure {
  const cause = at(error, 'cause');
  const code = textAt(cause, 'code') ?? textAt(error, 'code') ?? textAt(error, 'name') ?? 'unknown';
  return BEFORE_SENDING.has(code) ? { kind: 'unsent', code } : { kind: 'ambiguous', code };
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | null {
  const found = at(value, key);
  return typeof found === 'string' ? found : null;
}

function numberAt(value: unknown, key: string): number | null {
  const found = at(value, key);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}
