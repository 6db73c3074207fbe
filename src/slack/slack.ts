// The Slack surface put together: what comes in, who works it off, what goes out.

import { App, HTTPReceiver, type Receiver } from '@slack/bolt';
import type { Charts } from '../core/chart.ts';
import type { People, SlackConfig } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import type { Inbox, Outbox } from '../core/mailbox.ts';
import type { Clock, Groups, Log } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { DurationMs } from '../core/time.ts';
import type { RawRequest, Reply } from '../core/wish.ts';
import type { Message } from '../templates/message.ts';
import { createDeliverer, type DeliveryHealth } from './deliver.ts';
import { createGroups, groupIds } from './groups.ts';
import { createHome, type HomeOptions } from './home.ts';
import { BODY_LIMIT, createHttpEdge, type Routes, SLACK_PATH } from './http.ts';
import { createIdentity } from './identity.ts';
import { createListener } from './listen.ts';
import { sdkLogger } from './logger.ts';
import { createSockets, type SocketHealth, type Sockets } from './sockets.ts';
import { createWeb } from './web.ts';
import { createInboxWorker } from './work-inbox.ts';

export interface Slack {
  /** Listens on the port and starts everything; does not wait for Slack to be there. Answers the port. */
  readonly start: () => Promise<number>;
  /** Takes nothing new, lets acks and the sends under way go out, and resolves within three seconds. */
  readonly stop: () => Promise<void>;
  readonly groups: Groups;
  readonly health: () => SlackHealth;
  /** Something was put into the outbox. */
  readonly wake: () => void;
}

export interface SlackHealth {
  readonly team: string | null;
  /** null in HTTP mode. */
  readonly socket: SocketHealth | null;
  readonly delivery: DeliveryHealth;
  /** Age of each user group's list in milliseconds; null = not known, so approvals by it are refused. */
  readonly groups: Readonly<Record<string, number | null>>;
}

export interface SlackOptions {
  readonly config: SlackConfig;
  readonly people: People;
  readonly tokens: {
    readonly bot: string;
    /** Set = Socket Mode. */
    readonly app: string | null;
    readonly signingSecret: string | null;
    readonly apiUrl: string | null;
  };
  readonly host: string;
  readonly port: number;
  readonly routes: Routes;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly store: Pick<Store, 'get' | 'set'>;
  readonly charts: Pick<Charts, 'png'>;
  readonly handle: (raw: RawRequest) => Promise<Reply>;
  readonly word: (reply: Reply) => Message;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process in the outbox. */
  readonly owner: string;
  /** Whether the process that an outbox entry names is gone. */
  readonly isDead: (owner: string) => boolean | Promise<boolean>;
  readonly random?: () => number;
  readonly pingTimeoutMs?: DurationMs;
  /** What the App Home shows; without it nothing is published. */
  readonly home?: Pick<HomeOptions, 'look' | 'onWrite' | 'changed'>;
}

const DRAIN_MS = 2_500;
const ACKS_MS = 1_500;

export function createSlack(options: SlackOptions): Slack {
  const { config, tokens, inbox, outbox, store, clock, log } = options;
  const random = options.random ?? Math.random;
  const logger = sdkLogger(log);
  const web = createWeb({ token: tokens.bot, apiUrl: tokens.apiUrl, logger });
  const identity = createIdentity({ config, appToken: tokens.app, web, store, clock, log, random });
  const groups = createGroups({ ids: groupIds(options.people), list: web.groupMembers, store, clock, log });
  const { owner, isDead } = options;
  const deliverer = createDeliverer({ outbox, web, charts: options.charts, clock, log, owner, isDead, random });
  const home = options.home === undefined ? null : createHome({ web, store, clock, log, ...options.home });
  const onHome = (user: string) => home?.opened(user);
  const opsChannel = config.channel;
  const listener = createListener({ inbox, identity, web, clock, log, onReceived: () => worker.wake(), opsChannel, onHome });
  const { dialogs } = listener;
  const { handle, word } = options;
  const worker = createInboxWorker({ inbox, outbox, handle, word, clock, log, dialogs, onReply: deliverer.wake });
  const entrance = openEntrance(options, logger, random);
  const edge = createHttpEdge({ ...options, slack: httpSlack() });
  const running = new AbortController();
  let loops: readonly Promise<void>[] = [];

  listener.attach(
    new App({
      receiver: entrance.receiver,
      // No look-up before the ack: where a request comes from is judged by `identity`.
      authorize: async () => ({ botToken: tokens.bot }),
      ignoreSelf: false,
      convoStore: false,
      logger,
    }),
  );

  return {
    groups,
    wake: deliverer.wake,
    health: () => ({
      team: identity.team(),
      socket: entrance.kind === 'socket' ? entrance.receiver.health() : null,
      delivery: deliverer.health(),
      groups: groups.ages(),
    }),
    start: async () => {
      const port = await edge.start();
      // Before anything is judged: where Slack is away, what was known still counts.
      await groups.load();
      const { signal } = running;
      loops = [
        identity.learn(signal),
        groups.run(signal),
        deliverer.run(signal),
        worker.run(signal),
        ...(home === null ? [] : [home.run(signal)]),
      ];
      if (entrance.kind === 'socket') await entrance.receiver.start();
      return port;
    },
    stop: async () => {
      const enough = after(DRAIN_MS);
      const closed = edge.stop(ACKS_MS);
      await Promise.race([listener.close(), after(ACKS_MS)]);
      running.abort();
      const silent = entrance.kind === 'socket' ? entrance.receiver.stop() : Promise.resolve();
      await Promise.race([Promise.all([closed, silent, ...loops]), enough]);
    },
  };

  function httpSlack() {
    const { signingSecret } = tokens;
    if (entrance.kind === 'socket' || signingSecret === null) return null;
    return { signingSecret, judge: identity.judge, forward: entrance.receiver.requestListener };
  }
}

type Entrance =
  | { readonly kind: 'socket'; readonly receiver: Sockets & Receiver }
  | { readonly kind: 'http'; readonly receiver: HTTPReceiver };

function openEntrance(options: SlackOptions, logger: ReturnType<typeof sdkLogger>, random: () => number): Entrance {
  const { app, apiUrl, signingSecret } = options.tokens;
  if (app !== null) {
    const { clock, log, pingTimeoutMs } = options;
    const patience = pingTimeoutMs === undefined ? {} : { pingTimeoutMs };
    return { kind: 'socket', receiver: createSockets({ appToken: app, apiUrl, clock, log, logger, random, ...patience }) };
  }
  if (signingSecret === null) {
    throw new BotError({
      code: 'slack-not-configured',
      message: 'Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.',
      hint: 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP.',
    });
  }
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: [SLACK_PATH],
    bodyLimit: BODY_LIMIT,
    logger,
    customPropertiesExtractor: (request) => ({ delivery: String(request.headers['x-slack-signature'] ?? '') }),
  });
  return { kind: 'http', receiver };
}

// Stopping is bounded in real time: what is not over by then is found again in the inbox and the outbox.
function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
