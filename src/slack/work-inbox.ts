// Works off what was received: each wish to the bot, in order of arrival, and its answer to the person who asked.

import { backoffMs } from '../core/backoff.ts';
import { createBell } from '../core/bell.ts';
import { asBotError, BotError } from '../core/error.ts';
import type { Inbox, Outbox, Received } from '../core/mailbox.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { RawRequest, Reply } from '../core/wish.ts';
import type { Message } from '../templates/message.ts';
import { writeContent } from './content.ts';
import type { Dialogs } from './listen.ts';
import { type Asker, readItem } from './payload.ts';
import { failed, noDialog, unreadable } from './sorry.ts';

export interface InboxWorker {
  /** Works until the signal aborts; resolves when the items in hand are finished. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Something was received. */
  readonly wake: () => void;
}

export interface InboxWorkerOptions {
  readonly inbox: Inbox;
  readonly outbox: Pick<Outbox, 'enqueue'>;
  /** Idempotent by `dedupeKey`: an item is handed in again after a crash. */
  readonly handle: (raw: RawRequest) => Promise<Reply>;
  readonly word: (reply: Reply) => Message;
  readonly clock: Clock;
  readonly log: Log;
  readonly dialogs: Dialogs;
  /** Called after a reply was queued. */
  readonly onReply: () => void;
}

const POLL_MS = 1_000;
const BATCH = 50;
const SIDE_BY_SIDE = 8;
const HANDLE_TIMEOUT_MS = 30_000;
const DEFER_CAP_MS = 30_000;
/** A trigger lives for three seconds: after this nobody is opening that dialog any more. */
const DIALOG_LOST_MS = 10_000;

export function createInboxWorker(options: InboxWorkerOptions): InboxWorker {
  const { inbox, outbox, clock, log } = options;
  const bell = createBell(clock);
  const deferred = new Map<string, { readonly attempts: number; readonly until: Instant }>();
  // Begun in the order of arrival, but side by side: a slow source must not keep a rollback click waiting.
  const inHand = new Map<string, Promise<void>>();

  return {
    wake: bell.ring,
    run: async (signal) => {
      while (!signal.aborted) {
        await round(signal).catch((thrown: unknown) =>
          log.error({ code: 'inbox-unreadable', err: thrown }, 'The inbox could not be read; trying again.'),
        );
        await bell.wait(POLL_MS, signal);
      }
      await Promise.all(inHand.values());
    },
  };

  async function round(signal: AbortSignal): Promise<void> {
    for (const item of await inbox.pending(BATCH + deferred.size + inHand.size)) {
      if (signal.aborted || inHand.size >= SIDE_BY_SIDE) return;
      if (!inHand.has(item.key) && !isWaiting(item)) inHand.set(item.key, carry(item));
    }
  }

  async function carry(item: Received): Promise<void> {
    try {
      if ((await work(item)) === 'later') deferred.set(item.key, { attempts: 0, until: clock.now() + POLL_MS });
      else deferred.delete(item.key);
    } catch (thrown) {
      defer(item, thrown);
    } finally {
      const full = inHand.size >= SIDE_BY_SIDE;
      inHand.delete(item.key);
      if (full) bell.ring();
    }
  }

  function isWaiting(item: Received): boolean {
    const wait = deferred.get(item.key);
    return (
      options.dialogs.opening.has(item.key) || (wait !== undefined && wait.until > clock.now() && wait.until - clock.now() <= DEFER_CAP_MS)
    );
  }

  // Only the store can fail here. The item stays, the others get their turn.
  function defer(item: Received, thrown: unknown): void {
    const attempts = (deferred.get(item.key)?.attempts ?? 0) + 1;
    deferred.set(item.key, { attempts, until: clock.now() + backoffMs(attempts, DEFER_CAP_MS, () => 0) });
    log.error(
      { code: 'reply-not-stored', key: item.key, attempts, err: thrown },
      'An answer could not be stored; the item is tried again.',
    );
  }

  async function work(item: Received): Promise<'done' | 'later'> {
    const read = readItem(item);
    switch (read.kind) {
      case 'request':
        return finish(item, read.asker, await answer(read.raw));
      case 'dialog-click':
        // Unless we know better, another process may be opening it.
        if (!options.dialogs.lost.delete(item.key) && Math.abs(clock.now() - item.at) < DIALOG_LOST_MS) return 'later';
        return finish(item, read.asker, noDialog(read.click));
      case 'unreadable':
        log.warn({ code: 'unreadable-payload', key: item.key, detail: read.detail }, 'A payload from Slack was not understood.');
        return finish(item, read.asker, unreadable(item.key));
    }
  }

  async function answer(raw: RawRequest): Promise<Message> {
    try {
      return options.word(await inTime(raw));
    } catch (thrown) {
      const error = asBotError(thrown);
      log.error({ code: error.code, key: raw.dedupeKey, actor: raw.actor.id, err: thrown }, 'A wish from Slack ended in an error.');
      return failed(error, raw.dedupeKey);
    }
  }

  async function inTime(raw: RawRequest): Promise<Reply> {
    const over = new AbortController();
    try {
      return await Promise.race([options.handle(raw), timeout(HANDLE_TIMEOUT_MS, over.signal)]);
    } finally {
      over.abort('answered');
    }
  }

  async function timeout(ms: DurationMs, signal: AbortSignal): Promise<never> {
    await clock.sleep(ms, signal);
    throw new BotError({
      code: 'answer-timed-out',
      message: `The bot had no answer after ${ms / 1_000} s.`,
      hint: 'It may still happen: type /dhash status before you ask again.',
    });
  }

  async function finish(item: Received, asker: Asker | null, content: Message): Promise<'done'> {
    if (asker !== null) {
      const to = { kind: 'ephemeral', user: asker.user } as const;
      const entry = { key: `reply:${item.key}`, channel: asker.channel, to, content: writeContent(content), at: clock.now() };
      await outbox.enqueue([entry], null);
    }
    await inbox.done(item.key);
    options.onReply();
    return 'done';
  }
}
