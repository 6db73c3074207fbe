// What a readiness answer says about the version that runs.

import type { Environment } from '../../core/config.ts';
import type { HttpAnswer } from '../../core/ports.ts';
import type { Redact } from '../redact.ts';

export type Readiness =
  | { readonly kind: 'version'; readonly version: string }
  /** `said` words the answer for people, redacted and short. */
  | { readonly kind: 'not-ready'; readonly said: string };

const SHOWN_BODY = 160;

/** 2xx with a JSON object whose version field is a text; everything else is not ready. Pure. */
export function judgeReadiness(answer: HttpAnswer, field: string, redact: Redact): Readiness {
  if (answer.kind === 'failed') return { kind: 'not-ready', said: `${answer.code} (${redact(answer.detail)})` };
  const body = redact(answer.body.trim().replaceAll(/\s+/g, ' ')).slice(0, SHOWN_BODY);
  if (answer.status < 200 || answer.status > 299) return { kind: 'not-ready', said: `status ${answer.status} ${body}`.trim() };
  const version = fieldOf(answer.body, field);
  if (version === null) return { kind: 'not-ready', said: `status ${answer.status} without a text field "${field}": ${body}` };
  return { kind: 'version', version };
}

/** Address of the readiness path below a base such as `http://127.0.0.1:9101`. */
export function readinessUrl(base: string, environment: Environment): string {
  return `${base}${environment.service.ready.path}`;
}

function fieldOf(body: string, field: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return null;
    const value: unknown = Object.entries(parsed).find(([name]) => name === field)?.[1];
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
