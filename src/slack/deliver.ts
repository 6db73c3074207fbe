// The delivery loop: each channel's entries strictly in order, at Slack's pace, told once whatever happens to the network or to this process.

import { backoffMs } from '../core/backoff.ts';
import { createBell } from '../core/bell.ts';
import type { Charts } from '../core/chart.ts';
import type { Outbox, OutboxEntry } from '../core/mailbox.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import { sendEntry } from './send.ts';
import type { Sent } from './sent.ts';
import type { Web } from './web.ts';

export interface Deliverer {
  /** Delivers until the signal aborts; resolves when the sends under way are over. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Something was put into the outbox. */
  readonly wake: () => void;
  readonly health: () => DeliveryHealth;
}

export interface DeliveryHealth {
  readonly sent: number;
  readonly retried: number;
  readonly ambiguous: number;
  readonly failed: number;
  /** The last thing that kept a channel waiting, until it delivers again. */
  readonly trouble: readonly { readonly channel: string; readonly code: string; readonly since: Instant }[];
}

export interface DeliverOptions {
  readonly outbox: Outbox;
  readonly web: Web;
  readonly charts: Pick<Charts, 'png'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process in the outbox. */
  readonly owner: string;
  /** Whether the process that an entry names is gone. While it lives, what it is sending is left to it. */
  readonly isDead: (owner: string) => boolean | Promise<boolean>;
  /** 0..1 */
  readonly random: () => number;
}

/** Slack limits each method by itself: one post a second and channel, fifty updates a minute, a hundred ephemerals. */
const SPACING_MS = { post: 1_000, update: 1_200, chart: 1_200, ephemeral: 100 } as const;
type Lane = keyof typeof SPACING_MS;
/** No more channels than this have answers for one person under way at once; a longer wait means that the wall clock was set back. */
const MOST_DIRECT = 20;
const POLL_MS = 500;
/** Whoever queues something also rings; this is for what a process left behind that died in between. */
const IDLE_MS = 2_000;
const UNSENT_CAP_MS = 60_000;
const MENDABLE_CAP_MS = 300_000;
/** The last request of a killed process may still be arriving at Slack: what it was sending is looked up this much later. */
const TAKEOVER_MS = 3_000;
/** No wait of ours is longer; a later time means that the wall clock was set back. */
const LONGEST_WAIT_MS = 3_600_000;

export function createDeliverer(options: DeliverOptions): Deliverer {
  const { outbox, clock, log, owner } = options;
  const bell = createBell(clock);
  const serving = new Map<string, Promise<void>>();
  const lastSendAt = new Map<string, Instant>();
  /** Person -> when the last direct message to them goes out. */
  const directAt = new Map<string, Instant>();
  /** Channel -> whose entry was first found orphaned when. */
  const orphaned = new Map<string, { readonly id: number; readonly owner: string; readonly at: Instant }>();
  /** `times`: how often in a row. Asking for a message that may have arrived counts as well, so a Slack that is away is asked ever less. */
  const trouble = new Map<string, { readonly code: string; readonly since: Instant; readonly times: number }>();
  const counts = { sent: 0, retried: 0, ambiguous: 0, failed: 0 };

  return {
    wake: bell.ring,
    health: () => ({ ...counts, trouble: [...trouble].map(([channel, { code, since }]) => ({ channel, code, since })) }),
    run: async (signal) => {
      while (!signal.aborted) {
        await startChannels(signal);
        await bell.wait(IDLE_MS, signal);
      }
      await Promise.all(serving.values());
    },
  };

  async function startChannels(signal: AbortSignal): Promise<void> {
    try {
      for (const channel of await outbox.channels()) {
        if (serving.has(channel)) continue;
        serving.set(
          channel,
          serve(channel, signal).finally(() => serving.delete(channel)),
        );
      }
    } catch (thrown) {
      log.error({ code: 'outbox-unreadable', err: thrown }, 'The outbox could not be read; trying again.');
      await clock.sleep(UNSENT_CAP_MS / 10, signal);
    }
  }

  async function serve(channel: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const head = await outbox.head(channel);
        if (head === null) {
          trouble.delete(channel);
          return;
        }
        const waitMs = await advance(head);
        if (waitMs > 0) await clock.sleep(waitMs, signal);
      } catch (thrown) {
        log.error({ code: 'outbox-unwritable', channel, err: thrown }, 'The outbox could not be read or written; trying again.');
        await clock.sleep(UNSENT_CAP_MS / 10, signal);
      }
    }
  }

  /** Does what can be done about the head now; answers how long to wait before looking again. */
  async function advance(head: OutboxEntry): Promise<DurationMs> {
    const lane = await laneOf(head);
    const waitMs = Math.max(untilDue(head), untilSpaced(head.channel, lane), await untilTakeover(head));
    if (waitMs > 0) return Math.min(waitMs, UNSENT_CAP_MS);
    // An entry that is `sending` here is ours or a dead process's: either way its fate is unknown.
    const lookUp = head.state === 'sending';
    const now = Math.max(clock.now(), head.notBefore);
    const begun = await (head.owner === null ? outbox.begin(head.id, owner, now) : outbox.begin(head.id, owner, now, head.owner));
    if (!begun) return POLL_MS;
    lastSendAt.set(`${head.channel} ${lane}`, clock.now());
    const { web, charts } = options;
    await settle(head, await sendEntry({ web, files: web.files, charts, outbox, untilDirect }, { entry: head, lookUp }));
    return 0;
  }

  async function untilDirect(user: string): Promise<void> {
    const now = clock.now();
    const waitMs = Math.min(MOST_DIRECT * SPACING_MS.post, Math.max(0, (directAt.get(user) ?? 0) + SPACING_MS.post - now));
    directAt.set(user, now + waitMs);
    await clock.sleep(waitMs);
  }

  async function settle(head: OutboxEntry, sent: Sent): Promise<void> {
    const facts = { key: head.key, channel: head.channel, attempt: head.attempts + 1 };
    if (sent.kind === 'sent') {
      await outbox.sent(head.id, sent.ts);
      counts.sent += 1;
      trouble.delete(head.channel);
    } else if (sent.kind === 'dead') {
      await outbox.fail(head.id, sent.code);
      counts.failed += 1;
      log.error({ ...facts, code: sent.code }, 'Slack will not take this message; it is given up and the queue goes on.');
    } else {
      const { code } = sent;
      const known = trouble.get(head.channel);
      const times = (known?.times ?? 0) + 1;
      const waitMs = waitAfter(sent, times);
      log.warn({ ...facts, code, result: sent.kind, waitMs }, 'A message did not reach Slack for certain; it stays first in its queue.');
      trouble.set(head.channel, { code, since: known?.since ?? clock.now(), times });
      await hold(head, sent, clock.now() + waitMs);
    }
  }

  async function hold(head: OutboxEntry, sent: Sent & { kind: 'again' | 'unknown' }, notBefore: Instant): Promise<void> {
    counts[sent.kind === 'again' ? 'retried' : 'ambiguous'] += 1;
    await (sent.kind === 'again' ? outbox.retry : outbox.ambiguous)(head.id, notBefore, sent.code);
  }

  function waitAfter(sent: Sent & { kind: 'again' | 'unknown' }, times: number): DurationMs {
    const cap = sent.mendable ? MENDABLE_CAP_MS : UNSENT_CAP_MS;
    return Math.max(sent.atLeastMs, backoffMs(times, cap, options.random));
  }

  function untilDue(head: OutboxEntry): DurationMs {
    const waitMs = head.notBefore - clock.now();
    return waitMs > LONGEST_WAIT_MS ? 0 : waitMs;
  }

  function untilSpaced(channel: string, lane: Lane): DurationMs {
    const last = lastSendAt.get(`${channel} ${lane}`);
    return last === undefined ? 0 : Math.min(SPACING_MS[lane], last + SPACING_MS[lane] - clock.now());
  }

  async function laneOf({ to }: OutboxEntry): Promise<Lane> {
    if (to.kind === 'ephemeral' || to.kind === 'chart') return to.kind;
    return to.kind === 'card' && (await outbox.card(to.request)) !== null ? 'update' : 'post';
  }

  /** A `sending` of another process is touched only after that process is gone. */
  async function untilTakeover(head: OutboxEntry): Promise<DurationMs> {
    if (head.state !== 'sending' || head.owner === null || head.owner === owner) return 0;
    if (!(await options.isDead(head.owner))) return POLL_MS;
    const known = orphaned.get(head.channel);
    if (known?.id === head.id && known.owner === head.owner) return known.at + TAKEOVER_MS - clock.now();
    orphaned.set(head.channel, { id: head.id, owner: head.owner, at: clock.now() });
    return TAKEOVER_MS;
  }
}
