// Socket Mode that stays up. The SDK's own reconnect gives up or waits minutes, so each connection is ours to replace.

import { type App, type Logger, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { backoffMs } from '../core/backoff.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import { isSlacks } from './addresses.ts';
import { judgeFailure } from './outcome.ts';

export interface Sockets extends Receiver {
  /** Starts connecting and does not wait for Slack. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly health: () => SocketHealth;
}

export interface SocketHealth {
  readonly up: number;
  /** Since when at least one connection has been up; null while there is none. */
  readonly connectedSince: Instant | null;
  /** Since when nothing can be heard; null while something can. */
  readonly deafSince: Instant | null;
}

export interface SocketOptions {
  readonly appToken: string;
  readonly apiUrl: string | null;
  /** Two by default: Slack recycles connections, and while one is being replaced the other listens. */
  readonly connections?: number;
  /** In real time, as the SDK counts it: a connection that answers no ping for so long is dead, whatever TCP believes. */
  readonly pingTimeoutMs?: DurationMs;
  readonly clock: Clock;
  readonly log: Log;
  readonly logger: Logger;
  readonly random: () => number;
}

const HELLO_MS = 30_000;
const CAP_MS = 30_000;
/** A connection that lived this long ended in the ordinary way and is replaced at once. */
const LIVED_MS = 10_000;
const CLOSING_MS = 500;
const BEHIND_MS = 2_000;
/** Slack recycles connections by their age. Two of one age would go together, so the younger one is moved half an hour away from the other. */
const SAME_AGE_MS = 600_000;
const APART_MS = 1_800_000;

export function createSockets(options: SocketOptions): Sockets {
  const { clock, log } = options;
  const stopping = new AbortController();
  const up = new Map<number, Instant>();
  let app: App | null = null;
  let running: readonly Promise<void>[] = [];
  let connectedSince: Instant | null = null;
  let deafSince: Instant | null = clock.now();
  /** Until when Slack wants to be left alone. It limits the method, so what one connection was told holds for the other. */
  let pause = { until: 0, ms: 0 };

  return {
    init: (bolt) => {
      app = bolt;
    },
    start: async () => {
      running = Array.from({ length: options.connections ?? 2 }, (_, index) => keep(index));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
    health: () => ({ up: up.size, connectedSince, deafSince }),
  };

  /** Replaces one connection for as long as the bot runs. Never rejects. */
  async function keep(index: number): Promise<void> {
    let attempt = 0;
    while (!stopping.signal.aborted) {
      await untilAllowed(index);
      if (stopping.signal.aborted) return;
      const startedAt = clock.now();
      const end = await connect(index).catch((thrown: unknown) => ({ heard: false, code: judgeFailure(thrown).code }));
      if (stopping.signal.aborted) return;
      attempt = end.heard && clock.now() - startedAt >= LIVED_MS ? 0 : attempt + 1;
      const waitMs = attempt === 0 ? 0 : backoffMs(attempt, CAP_MS, options.random);
      const facts = { connection: index, code: end.code, waitMs };
      if (end.code === 'moved') log.info(facts, 'A Socket Mode connection is renewed, so that Slack does not recycle both at once.');
      else log.warn(facts, 'A Socket Mode connection ended; it is replaced.');
      await clock.sleep(waitMs, stopping.signal);
    }
  }

  /** The second connection comes a little after the first, and so learns from its answer. */
  async function untilAllowed(index: number): Promise<void> {
    while (!stopping.signal.aborted) {
      // A clock that was set back must not make this longer than Slack asked for.
      const leftMs = Math.min(pause.ms, pause.until - clock.now());
      if (leftMs <= 0) return;
      await clock.sleep(leftMs + index * BEHIND_MS, stopping.signal);
    }
  }

  /** One connection from start to end. */
  async function connect(index: number): Promise<{ readonly heard: boolean; readonly code: string }> {
    const receiver = newReceiver();
    const gone = new Promise<'gone'>((resolve) => receiver.client.once('disconnected', () => resolve('gone')));
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, over.signal]);
    try {
      const hello = clock.sleep(HELLO_MS, signal).then(() => 'no-hello');
      const code = await Promise.race([begin(receiver), hello]);
      if (code !== 'connected') return { heard: false, code };
      const twin = hasTwin(index);
      mark(index, true);
      const ended = await Promise.race([gone, aborted(signal), ...(twin ? [movedApart(index, signal)] : [])]);
      return { heard: true, code: ended === 'moved' ? 'moved' : 'closed' };
    } finally {
      over.abort();
      mark(index, false);
      await end(receiver, gone);
    }
  }

  function hasTwin(index: number): boolean {
    return [...up].some(([other, since]) => other !== index && clock.now() - since < SAME_AGE_MS);
  }

  /** Resolves when this connection may go because another one listens. */
  async function movedApart(index: number, signal: AbortSignal): Promise<'moved' | 'aborted'> {
    do await clock.sleep(APART_MS, signal);
    while (!signal.aborted && ![...up.keys()].some((other) => other !== index));
    return signal.aborted ? 'aborted' : 'moved';
  }

  async function begin(receiver: SocketModeReceiver): Promise<string> {
    try {
      await receiver.start();
      // It may have come up after we stopped waiting for it.
      if (stopping.signal.aborted) await receiver.stop();
      return 'connected';
    } catch (thrown) {
      if (thrown === undefined) return 'closed-before-hello';
      const failure = judgeFailure(thrown);
      if (failure.kind === 'limited') pause = { until: clock.now() + failure.retryAfterMs, ms: failure.retryAfterMs };
      return failure.code;
    }
  }

  // The first stop asks for a clean close; the second one no longer waits for the other side.
  async function end(receiver: SocketModeReceiver, gone: Promise<unknown>): Promise<void> {
    await receiver.stop();
    const patience = new AbortController();
    await Promise.race([gone, realSleep(CLOSING_MS, patience.signal)]);
    patience.abort();
    await receiver.stop();
    receiver.client.removeAllListeners('slack_event');
  }

  function mark(index: number, isUp: boolean): void {
    const before = up.size;
    if (isUp) up.set(index, clock.now());
    else up.delete(index);
    if (before === 0 && up.size > 0) {
      connectedSince = clock.now();
      deafSince = null;
      log.info({ connection: index }, 'Slack can be heard over Socket Mode.');
    }
    if (before > 0 && up.size === 0) {
      connectedSince = null;
      deafSince = clock.now();
    }
  }

  function newReceiver(): SocketModeReceiver {
    // Made anew each time: the client writes into the options it is given.
    const clientOptions = {
      ...(options.apiUrl === null ? {} : { slackApiUrl: options.apiUrl }),
      retryConfig: { retries: 0 },
      timeout: 10_000,
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
    };
    const receiver = new SocketModeReceiver({
      appToken: options.appToken,
      autoReconnectEnabled: false,
      ...(options.pingTimeoutMs === undefined ? {} : { clientPingTimeout: options.pingTimeoutMs }),
      logger: options.logger,
      installerOptions: { clientOptions },
      customPropertiesExtractor: ({ envelope_id }) => ({ delivery: String(envelope_id ?? '') }),
    });
    // Told before the address is dialed; what is thrown here ends this try.
    receiver.client.on('authenticated', ({ url }: { readonly url?: string }) => {
      if (!isSlacks(url ?? '', options.apiUrl))
        throw Object.assign(new TypeError('a socket outside of Slack'), { code: 'foreign-address' });
    });
    if (app !== null) receiver.init(app);
    return receiver;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

// The patience for a closing socket is real time also where a test moves the clock.
function realSleep(ms: DurationMs, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
