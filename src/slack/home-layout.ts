// The App Home as blocks: each environment as its own message, within what Slack takes of a view.

import type { types } from '@slack/bolt';
import type { Message } from '../templates/message.ts';
import { layout } from './layout.ts';
import { joinLines, plainText } from './mrkdwn.ts';

const MOST_BLOCKS = 100;
/** Slack refuses a view above 250 kB. */
const MOST_BYTES = 200_000;
const SECTION = 2_900;

/** `messages`: the gravest first. What does not fit is named with its headline, never left out unsaid. */
export function layoutHome(messages: readonly Message[]): types.HomeView {
  const blocks: types.KnownBlock[] = [hint()];
  const left: string[] = [];
  for (const message of messages) {
    const next: types.KnownBlock[] = [{ type: 'divider' }, ...layout(message).blocks];
    // One block is kept for what is left.
    const fits = left.length === 0 && blocks.length + next.length < MOST_BLOCKS && bytes([...blocks, ...next]) < MOST_BYTES;
    if (fits) blocks.push(...next);
    else left.push(`${plainText(message.title, 150)}`);
  }
  if (left.length > 0) blocks.push({ type: 'section', text: { type: 'plain_text', text: joinLines(left, SECTION) } });
  return { type: 'home', blocks };
}

function hint(): types.KnownBlock {
  const text = 'Buttons here act as if they were pressed in the ops channel. The answer comes there, and only you see it.';
  return { type: 'context', elements: [{ type: 'plain_text', text }] };
}

function bytes(blocks: readonly types.KnownBlock[]): number {
  return Buffer.byteLength(JSON.stringify(blocks));
}
