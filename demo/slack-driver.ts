// What people do in the local Slack, as functions: type, press, fill in a dialog, read.

import { z } from 'zod';
import { BotError } from '../src/core/error.ts';
import type { LocalSlack } from './local-slack.ts';
import { PEOPLE, type Person } from './people.ts';
import { submitDialog } from './slack-dialog.ts';
import { until, type Wait } from './until.ts';

export interface SlackButton {
  readonly label: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string | null;
}

export interface SlackMessage {
  readonly ts: string;
  /** The message whose thread this is in; null = in the channel itself. */
  readonly threadTs: string | null;
  /** A user id. */
  readonly user: string;
  readonly text: string;
  readonly buttons: readonly SlackButton[];
  /** The one person it is for; null = everybody. */
  readonly onlyFor: string | null;
  readonly edited: boolean;
}

export interface SlackDriver {
  /** Types e.g. `/dhash deploy v2.1.0` in #ops; resolves when the bot has acknowledged it (or after 5 s without). */
  readonly typeCommand: (who: Person, words: string) => Promise<void>;
  /** Presses the button with this label; throws BotError `demo-no-button` naming those that are there. */
  readonly press: (who: Person, messageTs: string, label: string) => Promise<void>;
  /** Fills in the open dialog (block id -> text), waiting for one up to `timeoutMs` (default 5 s), and submits it; answers the errors it shows, {} when it closed. */
  readonly submitView: (
    who: Person,
    values: Readonly<Record<string, string>>,
    timeoutMs?: number,
  ) => Promise<Readonly<Record<string, string>>>;
  /** Everything in #ops and its threads, oldest first; what only one person sees is left out. */
  readonly messages: () => Promise<readonly SlackMessage[]>;
  /** What only this person sees. */
  readonly ephemerals: (who: Person) => Promise<readonly SlackMessage[]>;
  /** The first message that fits. */
  readonly waitForMessage: (fits: (message: SlackMessage) => boolean, wait: Wait) => Promise<SlackMessage>;
  /** The first message only `who` sees that fits. */
  readonly waitForEphemeral: (who: Person, fits: (message: SlackMessage) => boolean, wait: Wait) => Promise<SlackMessage>;
}

export function createSlackDriver(slack: Pick<LocalSlack, 'url' | 'channel'>): SlackDriver {
  const all = () => readMessages(slack);
  const messages = async () => (await all()).filter((message) => message.onlyFor === null);
  const ephemerals = async (who: Person) => (await all()).filter((message) => message.onlyFor === PEOPLE[who].id);
  const first = async (from: () => Promise<readonly SlackMessage[]>, fits: (message: SlackMessage) => boolean, wait: Wait) => {
    let last: readonly SlackMessage[] = [];
    const seen = () => `The last messages were:\n${last.slice(-5).map(brief).join('\n') || '(none)'}`;
    const ask = async () => {
      last = await from();
      return last.find(fits);
    };
    return until(ask, { seen, ...wait });
  };

  return {
    typeCommand: async (who, words) => {
      const [command = '', ...rest] = words.split(' ');
      await control(slack, 'command', { channel: slack.channel, user: PEOPLE[who].id, command, text: rest.join(' ') });
    },
    press: async (who, messageTs, label) => {
      const message = (await all()).find((candidate) => candidate.ts === messageTs);
      const button = message?.buttons.find((candidate) => candidate.label === label);
      if (button === undefined) throw noButton(messageTs, label, message);
      const action = { type: 'button', action_id: button.actionId, block_id: button.blockId, value: button.value ?? undefined };
      const text = { type: 'plain_text', text: label };
      await control(slack, 'interact', { channel: slack.channel, messageTs, user: PEOPLE[who].id, action: { ...action, text } });
    },
    submitView: (who, values, timeoutMs = 5_000) => submitDialog(slack.url, { user: PEOPLE[who].id, values, timeoutMs }),
    messages,
    ephemerals,
    waitForMessage: (fits, wait) => first(messages, fits, wait),
    waitForEphemeral: (who, fits, wait) => first(() => ephemerals(who), fits, wait),
  };
}

function brief(message: SlackMessage): string {
  const buttons = message.buttons.map(({ label }) => `[${label}]`).join(' ');
  return `- ${message.ts} ${message.text.split('\n')[0] ?? ''} ${buttons}`;
}

function noButton(ts: string, label: string, message: SlackMessage | undefined): BotError {
  const there = message === undefined ? 'there is no such message' : `it has ${brief(message)}`;
  return new BotError({ code: 'demo-no-button', message: `No button "${label}" on message ${ts}: ${there}.`, hint: null });
}

async function control(slack: Pick<LocalSlack, 'url'>, what: string, body: object): Promise<void> {
  const answer = await fetch(`${slack.url}/_control/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok) {
    const message = `local-slack answered ${answer.status} to ${what}: ${await answer.text()}`;
    throw new BotError({ code: 'local-slack-failed', message, hint: null });
  }
}

const element = z.object({
  type: z.string(),
  action_id: z.string().default(''),
  value: z.string().optional(),
  text: z.union([z.string(), z.object({ text: z.string() })]).optional(),
});
const block = z.object({ type: z.string(), block_id: z.string().optional(), elements: z.array(element).optional().catch([]) });
const stored = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  user: z.string().default(''),
  text: z.string().default(''),
  blocks: z.array(block).optional(),
  edited: z.unknown().optional(),
  ephemeral_to: z.string().optional(),
});

async function readMessages(slack: Pick<LocalSlack, 'url' | 'channel'>): Promise<readonly SlackMessage[]> {
  const answer = await fetch(`${slack.url}/_control/messages/${slack.channel}`, { signal: AbortSignal.timeout(5_000) });
  const { messages } = z.object({ messages: z.array(stored) }).parse(await answer.json());
  return messages.map((message) => ({
    ts: message.ts,
    threadTs: message.thread_ts === undefined || message.thread_ts === message.ts ? null : message.thread_ts,
    user: message.user,
    text: message.text,
    buttons: (message.blocks ?? []).flatMap(buttonsOf),
    onlyFor: message.ephemeral_to ?? null,
    edited: message.edited !== undefined,
  }));
}

function buttonsOf(from: z.infer<typeof block>, index: number): readonly SlackButton[] {
  if (from.type !== 'actions') return [];
  return (from.elements ?? [])
    .filter(({ type }) => type === 'button')
    .map(({ text, action_id: actionId, value }) => ({
      label: typeof text === 'string' ? text : (text?.text ?? ''),
      actionId,
      // As the page does for a block without an id.
      blockId: from.block_id ?? `b${index}`,
      value: value ?? null,
    }));
}
