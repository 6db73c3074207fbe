// The channel and its threads as text, in the order in which people would read them.

import { nameOf } from './people.ts';
import type { SlackMessage } from './slack-driver.ts';
import { readable } from './slack-words.ts';

/** Each channel message with its thread under it, indented; buttons in brackets. */
export function storyOf(messages: readonly SlackMessage[]): string {
  const roots = messages.filter(({ threadTs }) => threadTs === null);
  return roots.map((root) => [told(root, ''), ...repliesTo(root, messages)].join('\n')).join('\n\n');
}

function repliesTo(root: SlackMessage, messages: readonly SlackMessage[]): readonly string[] {
  return messages.filter(({ threadTs }) => threadTs === root.ts).map((reply) => told(reply, '    '));
}

function told(message: SlackMessage, indent: string): string {
  const time = new Date(Number(message.ts) * 1_000).toISOString().slice(11, 19);
  const buttons = message.buttons.map(({ label }) => `[${label}]`).join(' ');
  const lines = [...named(message.text).split('\n'), ...(buttons === '' ? [] : [buttons])];
  const head = `${indent}${time} ${nameOf(message.user)}: ${lines[0] ?? ''}`;
  return [head, ...lines.slice(1).map((line) => `${indent}         ${line}`)].join('\n');
}

/** "<@U0ANA>" -> "@Ana (deploy lead)", links as "label (url)". */
export function named(text: string): string {
  return readable(text)
    .replace(/<@([A-Z0-9]+)>/g, (_, id: string) => `@${nameOf(id)}`)
    .replace(/<(https?:[^|>]+)\|([^>]+)>/g, '$2 ($1)');
}
