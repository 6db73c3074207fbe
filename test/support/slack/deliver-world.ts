// The delivery loop on its own: real store, real sockets to the strict Slack, moved clock.

import type { Destination, Outbox } from '../../../src/core/mailbox.ts';
import { writeContent } from '../../../src/slack/content.ts';
import { createDeliverer, type Deliverer } from '../../../src/slack/deliver.ts';
import { sdkLogger } from '../../../src/slack/logger.ts';
import { createWeb } from '../../../src/slack/web.ts';
import type { OpenStore } from '../../../src/store/open.ts';
import { type Message, message } from '../../../src/templates/message.ts';
import { type TestClock, testClock } from '../clock.ts';
import { BOT_TOKEN, type SlackMessage, type StrictSlack, startStrictSlack } from './strict-slack.ts';
import type { Unverified } from './unverified.ts';
import { type KeptLog, keptLog, storeFolder, until } from './world.ts';

type SlackDestination = Exclude<Destination, { kind: 'notice' }>;

export interface DeliverWorld {
  readonly slack: StrictSlack;
  readonly clock: TestClock;
  readonly log: KeptLog;
  outbox: Outbox;
  deliverer: Deliverer;
  readonly put: (key: string, to?: Partial<SlackDestination> & { kind: SlackDestination['kind'] }, content?: Message) => Promise<void>;
  /** The texts of a channel in order, cut to the words after the tone's mark. */
  readonly texts: (channel?: string) => readonly string[];
  readonly messages: (channel?: string) => readonly SlackMessage[];
  readonly delivered: () => Promise<void>;
  /** Ends this process without letting it say anything more to its store, and starts another on the same file. */
  readonly crash: () => Promise<void>;
  /** Another process on the same file, alive beside this one. */
  readonly join: () => void;
  readonly close: () => Promise<void>;
}

/** Not drawn here: what is sent is bytes, whatever they show. */
export const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

export interface DeliverWorldOptions {
  /** In real time: how long a call to the strict Slack may take. */
  readonly timeoutMs?: number;
  readonly unverified?: Partial<Unverified>;
}

export async function deliverWorld({ timeoutMs = 250, unverified = {} }: DeliverWorldOptions = {}): Promise<DeliverWorld> {
  const clock = testClock(1_795_000_000_000);
  const slack = await startStrictSlack({ clock, unverified });
  const log = keptLog();
  const folder = storeFolder();
  const opened: OpenStore[] = [];
  const stops: AbortController[] = [];
  const runs: Promise<void>[] = [];
  const alive = new Set(['bot-1']);
  let process = 0;
  const first = boot();

  const world: DeliverWorld = {
    slack,
    clock,
    log,
    ...first,
    put: async (key, to = { kind: 'thread' }, content = message('info', key)) => {
      const full = { request: 'd-1', broadcast: false, user: 'U0ALICE', ...to };
      await world.outbox.enqueue([{ key, channel: 'C0OPS', to: destination(full), content: writeContent(content), at: clock.now() }], null);
    },
    texts: (channel = 'C0OPS') => (slack.channels.get(channel) ?? []).map(({ text }) => text.replace(/^\S+ /, '')),
    messages: (channel = 'C0OPS') => slack.channels.get(channel) ?? [],
    delivered: () => until('the outbox is empty', async () => (await world.outbox.channels()).length === 0, clock, 1_000),
    crash: async () => {
      opened.at(-1)?.close();
      stops.at(-1)?.abort();
      alive.clear();
      alive.add(`bot-${process + 1}`);
      Object.assign(world, boot());
    },
    join: () => {
      alive.add(`bot-${process + 1}`);
      boot();
    },
    close: async () => {
      for (const stop of stops) stop.abort();
      await clock.later(60_000);
      await slack.stop();
      await Promise.all(runs);
      for (const store of opened) store.close();
      folder.remove();
    },
  };
  return world;

  function boot(): { readonly outbox: Outbox; readonly deliverer: Deliverer } {
    process += 1;
    const me = process;
    const store = folder.open(clock.now);
    const stop = new AbortController();
    const web = createWeb({ token: BOT_TOKEN, apiUrl: slack.apiUrl, logger: sdkLogger(log), timeoutMs });
    const charts = { png: async () => Uint8Array.from(PNG) };
    const options = { outbox: store.outbox, web, charts, clock, log, owner: `bot-${me}`, isDead: (owner: string) => !alive.has(owner) };
    const deliverer = createDeliverer({ ...options, random: () => 0.5 });
    opened.push(store);
    stops.push(stop);
    runs.push(deliverer.run(stop.signal));
    return { outbox: store.outbox, deliverer };
  }
}

function destination(full: { kind: SlackDestination['kind']; request: string; broadcast: boolean; user: string }): Destination {
  const { kind, request, broadcast, user } = full;
  if (kind === 'card' || kind === 'chart') return { kind, request };
  return kind === 'thread' ? { kind, request, broadcast } : { kind, user };
}
