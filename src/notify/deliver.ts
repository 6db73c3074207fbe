// The delivery loop of the notices: each reader's queue in order, retried with growing pauses, never in the way of a deploy.
//
// A lost answer means that nobody knows. Slack can be asked; a mail server cannot. So such a message is repeated, under its one Message-ID, at most
// MAYBES times over all restarts: a reader sees at most MAYBES + 1 copies, and nothing is lost in silence.

import { backoffMs } from '../core/backoff.ts';
import { createBell } from '../core/bell.ts';
import { event } from '../core/event.ts';
import type { Outbox, OutboxEntry } from '../core/mailbox.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import { type Sender, type SendOutcome, SOON_MS } from './outcome.ts';

export const MAYBES = 2;
const POLL_MS = 500;
/** Whoever queues something also rings; this is for what a process left behind that died in between. */
const IDLE_MS = 2_000;
const CAP_MS = 300_000;
/** A message so old helps nobody any more; the log has it. */
const GIVE_UP_MS = 24 * 3_600_000;
/** The last request of a killed process may still be under way. */
const TAKEOVER_MS = 3_000;

export interface NotifierOptions {
  readonly outbox: Outbox;
  readonly store: Pick<Store, 'commit' | 'eventsOf'>;
  /** By kind of channel: what stands before the colon. */
  readonly senders: Readonly<Record<string, Sender>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process in the outbox. */
  readonly owner: string;
  readonly isDead: (owner: string) => boolean;
  /** 0..1 */
  readonly random: () => number;
}

export interface NotifierHealth {
  readonly sent: number;
  readonly lost: number;
  /** What keeps a queue waiting, until it moves again. */
  readonly trouble: readonly { readonly channel: string; readonly code: string; readonly since: Instant }[];
}

export interface Notifier {
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Something was queued. */
  readonly wake: () => void;
  readonly health: () => NotifierHealth;
}

type Kept = Exclude<SendOutcome, { kind: 'sent' | 'refused' }>;

export function createNotifier(options: NotifierOptions): Notifier {
  const { outbox, store, senders, clock, log, owner } = options;
  const bell = createBell(clock);
  const serving = new Map<string, Promise<void>>();
  const trouble = new Map<string, { readonly code: string; readonly since: Instant }>();
  /** Kinds whose trouble was told, until one of theirs gets through. */
  const told = new Set<string>();
  const orphaned = new Map<number, Instant>();
  const counts = { sent: 0, lost: 0 };

  return {
    wake: bell.ring,
    health: () => ({ ...counts, trouble: [...trouble].map(([channel, facts]) => ({ channel, ...facts })) }),
    run: async (signal) => {
      while (!signal.aborted) {
        await startQueues(signal);
        await bell.wait(IDLE_MS, signal);
      }
      await Promise.all(serving.values());
      for (const sender of Object.values(senders)) sender.close();
    },
  };

  async function startQueues(signal: AbortSignal): Promise<void> {
    try {
      for (const channel of await outbox.channels()) {
        if (serving.has(channel)) continue;
        serving.set(
          channel,
          serve(channel, signal).finally(() => {
            serving.delete(channel);
            bell.ring();
          }),
        );
      }
    } catch (thrown) {
      log.error({ code: 'notices-unreadable', err: thrown }, 'The queue of notices could not be read; trying again.');
    }
  }

  /** One look at the head, and one attempt when it is due. */
  async function serve(channel: string, signal: AbortSignal): Promise<void> {
    try {
      for (let head = await outbox.head(channel); head !== null && !signal.aborted; head = await outbox.head(channel)) {
        const wait = await untilDue(head);
        if (wait > 0) return await clock.sleep(Math.min(wait, CAP_MS), signal);
        const now = Math.max(clock.now(), head.notBefore);
        const begun = await (head.owner === null ? outbox.begin(head.id, owner, now) : outbox.begin(head.id, owner, now, head.owner));
        if (!begun) return await clock.sleep(POLL_MS, signal);
        await attempt(head, signal);
      }
    } catch (thrown) {
      log.error({ code: 'notice-failed', channel, err: thrown }, 'A notice could not be worked on; trying again.');
      await clock.sleep(CAP_MS / 10, signal);
    }
  }

  async function attempt(head: OutboxEntry, signal: AbortSignal): Promise<void> {
    const kind = kindOf(head.channel);
    const sender = senders[kind];
    const stopped = stoppedBy(head);
    if (stopped !== null) return lose(head, 'placeholder', `${stopped} is not filled in: mend notify.wording in dhash.yml`);
    if (clock.now() - head.createdAt > GIVE_UP_MS) return lose(head, 'too-old', `it could not be sent within a day: ${head.error ?? ''}`);
    if (sender === undefined) return keep(head, { kind: 'again', code: 'not-configured', detail: '', atLeastMs: CAP_MS, patienceMs: 0 });

    // `sending` here is ours or a dead process's: it may have arrived. Noted before it is repeated, so that a crash counts as well.
    const maybes = maybesOf(head.error) + (head.state === 'sending' ? 1 : 0);
    if (!sender.idempotent && maybes > MAYBES) return lose(head, 'unknown', `it may have arrived: no answer ${maybes} times`);
    if (head.state === 'sending') await outbox.ambiguous(head.id, head.notBefore, noted(maybes, 'the process ended while sending'));
    const outcome = await sender.send({ key: head.key, content: head.content, signal });
    if (outcome.kind === 'sent') return arrived(head);
    if (outcome.kind === 'refused') return lose(head, outcome.code, outcome.detail);
    return keep({ ...head, error: noted(maybes, '') }, outcome);
  }

  async function arrived(head: OutboxEntry): Promise<void> {
    await outbox.sent(head.id, null);
    counts.sent += 1;
    trouble.delete(head.channel);
    told.delete(kindOf(head.channel));
  }

  async function keep(head: OutboxEntry, outcome: Kept): Promise<void> {
    const maybes = maybesOf(head.error) + (outcome.kind === 'maybe' ? 1 : 0);
    if (maybes > MAYBES) return lose(head, outcome.code, `it may have arrived: no answer ${maybes} times`);
    const wishMs = outcome.kind === 'again' ? outcome.atLeastMs : 0;
    const notBefore = clock.now() + Math.max(wishMs, backoffMs(head.attempts + 1, CAP_MS, options.random));
    const since = trouble.get(head.channel)?.since ?? clock.now();
    trouble.set(head.channel, { code: outcome.code, since });
    log.warn(
      { key: head.key, channel: head.channel, code: outcome.code, attempt: head.attempts + 1 },
      'A notice did not get through; it is kept.',
    );
    await outbox.retry(head.id, notBefore, noted(maybes, `${outcome.code} ${outcome.detail}`));
    const patienceMs = outcome.kind === 'again' ? outcome.patienceMs : SOON_MS;
    if (clock.now() - since >= patienceMs) await tellLate(head, outcome);
  }

  async function tellLate(head: OutboxEntry, { code, detail }: Kept): Promise<void> {
    const kind = kindOf(head.channel);
    if (told.has(kind)) return;
    told.add(kind);
    await tell(head, 'notice.late', code, detail);
  }

  async function lose(head: OutboxEntry, code: string, detail: string): Promise<void> {
    log.error({ key: head.key, channel: head.channel, code }, 'A notice is given up; the queue goes on.');
    await tell(head, 'notice.lost', code, detail);
    await outbox.fail(head.id, code);
    counts.lost += 1;
    trouble.delete(head.channel);
  }

  /** In the log, and so in the thread: once for each message, also after a restart. */
  async function tell(head: OutboxEntry, type: 'notice.late' | 'notice.lost', code: string, detail: string): Promise<void> {
    if (head.to.kind !== 'notice') return;
    const { request, notice, to } = head.to;
    const story = await store.eventsOf(request);
    if (story.some((other) => other.type === type && other.data.key === head.key)) return;
    const scope = { environment: story[0]?.environment ?? null, requestId: request, jobId: null, actor: null };
    await store.commit([], [event(scope, type, { key: head.key, to, notice, code, detail })], clock.now());
  }

  /** A `sending` of another process is touched only after that process is gone. */
  async function untilDue(head: OutboxEntry): Promise<DurationMs> {
    const due = Math.min(head.notBefore - clock.now(), 3_600_000);
    if (head.state !== 'sending' || head.owner === null || head.owner === owner) return due;
    if (!options.isDead(head.owner)) return POLL_MS;
    const since = orphaned.get(head.id) ?? clock.now();
    orphaned.set(head.id, since);
    return Math.max(due, since + TAKEOVER_MS - clock.now());
  }
}

function kindOf(channel: string): string {
  return channel.slice(0, channel.indexOf(':'));
}

function stoppedBy({ content }: OutboxEntry): string | null {
  if (typeof content !== 'object' || content === null || !('stopped' in content)) return null;
  const { stopped } = content;
  return Array.isArray(stopped) ? stopped.join(', ') : null;
}

/** The count of lost answers travels in the entry's error, the one place that outlives this process. */
function noted(maybes: number, words: string): string {
  return `maybe ${maybes}: ${words}`;
}

function maybesOf(error: string | null): number {
  return Number(/^maybe (\d+):/.exec(error ?? '')?.[1] ?? 0);
}
