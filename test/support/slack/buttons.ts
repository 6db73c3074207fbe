// The buttons that people see: what a click carries is what Slack stored with the message.

import type { SlackMessage } from './workspace.ts';

/** The newest button of this verb in the channel. */
export function buttonIn(
  messages: readonly SlackMessage[],
  verb: string,
): { readonly message: SlackMessage; readonly value: string } | null {
  for (const message of messages.toReversed()) {
    const value = valueIn(message.blocks, verb);
    if (value !== null) return { message, value };
  }
  return null;
}

function valueIn(part: unknown, verb: string): string | null {
  if (typeof part !== 'object' || part === null) return null;
  const id: unknown = Reflect.get(part, 'action_id');
  if (typeof id === 'string' && id.startsWith(`dhash:${verb}:`)) return String(Reflect.get(part, 'value'));
  for (const inner of Object.values(part)) {
    const found = valueIn(inner, verb);
    if (found !== null) return found;
  }
  return null;
}
