// PagerDuty's Events API v2. Its dedup key makes a repetition harmless, so a lost answer is simply asked again.

import { z } from 'zod';
import type { DurationMs } from '../core/time.ts';
import { again, type Sender } from './outcome.ts';
import { postJson } from './post-json.ts';

const page = z.looseObject({ event_action: z.string(), dedup_key: z.string() });

export interface PagerdutyOptions {
  /** https://events.pagerduty.com, or the one of the EU. */
  readonly api: string;
  readonly routingKey: string;
  readonly timeoutMs: DurationMs;
}

export function createPagerdutySender({ api, routingKey, timeoutMs }: PagerdutyOptions): Sender {
  return {
    idempotent: true,
    send: async ({ content, signal }) => {
      const read = page.safeParse(content);
      if (!read.success) return { kind: 'refused', code: 'content-is-no-page', detail: '' };
      const body = JSON.parse(JSON.stringify({ ...read.data, routing_key: routingKey }));
      const { outcome } = await postJson({ url: new URL('/v2/enqueue', api).href, body, timeoutMs, signal });
      return outcome.kind === 'maybe' ? again(outcome.code, outcome.detail) : outcome;
    },
    close: () => {},
  };
}
