// One attempt at one outbox entry: lays it out, sends it, and says what is known about it afterwards.

import type { types } from '@slack/bolt';
import type { Destination, Outbox, OutboxEntry } from '../core/mailbox.ts';
import type { Message } from '../templates/message.ts';
import { readContent } from './content.ts';
import { layout, layoutPlain } from './layout.ts';
import type { Failure, Outcome } from './outcome.ts';
import { refusalOf } from './refused.ts';
import { type ChartSending, sendChart } from './send-chart.ts';
import { ARRIVAL_MS, again, type Sent } from './sent.ts';
import type { Draft, Web } from './web.ts';

/** Stands in front of the error of an ephemeral that has used up its one repetition after a lost answer. */
const REPEATED = 'repeated-once';
/** How often a code that nobody knows is tried before the entry is given up. */
const TRIES_OF_UNKNOWN = 8;
export interface Send {
  readonly entry: OutboxEntry;
  /** An earlier attempt ended without a known result. */
  readonly lookUp: boolean;
}

interface Deps {
  readonly web: Web;
  readonly outbox: Pick<Outbox, 'card' | 'ambiguous'>;
  /** Resolves when this person may get a direct message: answers from several channels may all end there. */
  readonly untilDirect: (user: string) => Promise<void>;
}
type AllDeps = Deps & ChartSending;

/** Never throws for anything Slack does. */
export async function sendEntry(deps: AllDeps, send: Send): Promise<Sent> {
  const { to } = send.entry;
  return to.kind === 'chart' ? sendChart(deps, send.entry, send.lookUp, to.request) : sendWords(deps, send, to);
}

async function sendWords(deps: Deps, send: Send, to: Exclude<Destination, { kind: 'chart' }>): Promise<Sent> {
  const message = readContent(send.entry.content);
  if (message === null) return { kind: 'dead', code: 'content-is-no-message' };
  switch (to.kind) {
    case 'ephemeral':
      return sendEphemeral(deps, send, message, to.user);
    case 'card':
      return sendCard(deps, send, message, to.request);
    case 'notice':
      return { kind: 'dead', code: 'not-for-slack' };
    case 'thread':
      return sendReply(deps, send, message, to);
  }
}

async function sendCard({ web, outbox }: Deps, send: Send, message: Message, request: string): Promise<Sent> {
  const card = await outbox.card(request);
  if (card !== null) {
    const updated = await withPlainSpare(draft(send.entry, message, null, card.channel), message, (edit) => web.update(edit, card.ts));
    // An edit changes nothing the second time, so a lost answer needs no looking up.
    if (updated.kind === 'ambiguous') return again({ ...updated, kind: 'unsent' });
    if (!isGone(updated)) return judge(updated, send);
  }
  return postOnce(web, send, message, null);
}

async function sendReply(
  { web, outbox }: Deps,
  send: Send,
  message: Message,
  to: { readonly request: string; readonly broadcast: boolean },
): Promise<Sent> {
  const card = await outbox.card(to.request);
  return postOnce(web, send, message, card === null ? null : { ts: card.ts, broadcast: to.broadcast });
}

/** Posts unless Slack has a message with this key already. A reply whose thread is gone goes to the channel. */
async function postOnce(web: Web, send: Send, message: Message, thread: Draft['thread']): Promise<Sent> {
  const { entry } = send;
  if (send.lookUp) {
    const found = await web.find({ channel: entry.channel, thread: thread?.ts ?? null, key: entry.key, since: entry.createdAt });
    if (found.kind === 'ok' && found.value !== null) return { kind: 'sent', ts: found.value };
    if (found.kind !== 'ok' && !isGone(found)) return stillUnknown(found);
  }
  const posted = await withPlainSpare(draft(entry, message, thread, entry.channel), message, web.post);
  if (thread !== null && isGone(posted)) {
    return judge(await withPlainSpare(draft(entry, message, null, entry.channel), message, web.post), send);
  }
  return judge(posted, send);
}

// Ephemerals cannot be looked up: after a lost answer they are repeated once, and the repetition is noted before it is made.
async function sendEphemeral({ web, outbox, untilDirect }: Deps, send: Send, message: Message, user: string): Promise<Sent> {
  const { entry } = send;
  const repeatedBefore = entry.error?.startsWith(REPEATED) ?? false;
  if (send.lookUp && repeatedBefore) return { kind: 'dead', code: `${REPEATED}: the answer was lost twice` };
  if (send.lookUp) await outbox.ambiguous(entry.id, entry.notBefore, REPEATED);
  const repeated = repeatedBefore || send.lookUp;

  const shown = await withPlainSpare(draft(entry, message, null, entry.channel), message, (note) => web.ephemeral(note, user));
  if (isElsewhere(shown)) await untilDirect(user);
  const outcome: Outcome<string | null> = isElsewhere(shown)
    ? await withPlainSpare(draft(entry, message, null, user), message, web.post)
    : shown;
  if (isElsewhere(outcome) && outcome.kind === 'refused') return { kind: 'dead', code: outcome.code };
  const sent = judge(outcome.kind === 'ok' ? { kind: 'ok', value: null } : outcome, send);
  if (!repeated || sent.kind === 'sent' || sent.kind === 'dead') return sent;
  return sent.kind === 'unknown' ? { kind: 'dead', code: `${REPEATED}: ${sent.code}` } : { ...sent, code: `${REPEATED}: ${sent.code}` };
}

async function withPlainSpare<T>(draft: Draft, message: Message, call: (draft: Draft) => Promise<Outcome<T>>): Promise<Outcome<T>> {
  const first = await call(draft);
  if (first.kind !== 'refused' || refusalOf(first.code) !== 'blocks') return first;
  return call({ ...draft, text: layoutPlain(message), blocks: null });
}

function judge(outcome: Outcome<string | null>, send: Send): Sent {
  switch (outcome.kind) {
    case 'ok':
      return { kind: 'sent', ts: outcome.value };
    case 'ambiguous':
      return { kind: 'unknown', code: outcome.code, atLeastMs: ARRIVAL_MS, mendable: false };
    case 'limited':
    case 'unsent':
      return again(outcome);
    case 'refused':
      return judgeRefusal(outcome, send);
  }
}

function judgeRefusal(refused: Failure & { kind: 'refused' }, send: Send): Sent {
  const refusal = refusalOf(refused.code);
  const tries = send.entry.attempts + 1;
  if (refusal === 'mendable' || (refusal === 'unknown' && tries < TRIES_OF_UNKNOWN)) return again(refused);
  return { kind: 'dead', code: refused.code };
}

function stillUnknown(failure: Failure): Sent {
  const { code, atLeastMs, mendable } = again(failure);
  return { kind: 'unknown', code: `looking it up: ${code}`, atLeastMs: Math.max(ARRIVAL_MS, atLeastMs), mendable };
}

function isGone(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && refusalOf(outcome.code) === 'gone';
}

function isElsewhere(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && ['not_in_channel', 'channel_not_found', 'user_not_in_channel', 'is_archived'].includes(outcome.code);
}

function draft(entry: OutboxEntry, message: Message, thread: Draft['thread'], channel: string): Draft {
  const laid: { readonly text: string; readonly blocks: types.KnownBlock[] } = layout(message);
  return { channel, key: entry.key, text: laid.text, blocks: laid.blocks, thread };
}
