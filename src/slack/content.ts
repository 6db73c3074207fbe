// The neutral Message as it comes back out of the outbox.

import { z } from 'zod';
import type { Json } from '../core/json.ts';
import type { Message } from '../templates/message.ts';

const instant = z.number();

const span = z.union([
  z.string(),
  z.object({ code: z.string() }),
  z.object({ strong: z.string() }),
  z.object({ person: z.string(), name: z.string().exactOptional() }),
  z.object({ group: z.string(), name: z.string() }),
  z.object({ time: instant }),
  z.object({ link: z.string(), label: z.string() }),
]);

const line = z.array(span);

/** What a button carries, also as it comes back in a click. */
export const actionValue = z.object({
  request: z.string().max(200),
  expect: z.string().max(500).nullable(),
  environment: z.string().max(200),
  flags: z.array(z.string().max(100)).max(20).exactOptional(),
});

export const BUTTON_VERBS = ['approve', 'reject', 'rollback', 'ack', 'snooze', 'cancel', 'report'] as const;

const action = z.object({
  label: z.string(),
  verb: z.enum(BUTTON_VERBS),
  value: actionValue,
  style: z.enum(['primary', 'danger', 'plain']),
  confirm: z.object({ title: z.string(), text: z.string(), yes: z.string(), no: z.string() }).nullable(),
});

const message = z.object({
  tone: z.enum(['info', 'progress', 'waiting', 'good', 'warn', 'bad']),
  title: z.string(),
  facts: z.array(z.object({ label: z.string(), value: line })),
  lines: z.array(line),
  steps: z.array(
    z.object({
      title: z.string(),
      state: z.enum(['done', 'running', 'failed', 'waiting', 'todo', 'undone']),
      note: z.string().nullable(),
    }),
  ),
  progress: z.object({ done: z.number(), etaAt: instant.nullable() }).nullable(),
  tail: z.array(z.string()),
  actions: z.array(action),
  footer: line,
});

/** null when it is not a Message. */
export function readContent(content: Json): Message | null {
  const read = message.safeParse(content);
  return read.success ? read.data : null;
}

/** A Message as JSON for the outbox. */
export function writeContent(content: Message): Json {
  const json: Json = JSON.parse(JSON.stringify(content));
  return json;
}
