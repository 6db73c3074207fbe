// The whole Slack surface against the strict Slack, with a bot behind it that notes what it is asked.

import type { Inbox } from '../../../src/core/mailbox.ts';
import type { RawRequest, Reply } from '../../../src/core/wish.ts';
import type { HomePage } from '../../../src/slack/home.ts';
import type { Routes } from '../../../src/slack/http.ts';
import { createSlack, type Slack } from '../../../src/slack/slack.ts';
import type { OpenStore } from '../../../src/store/open.ts';
import { message } from '../../../src/templates/message.ts';
import type { TestClock } from '../clock.ts';
import { SIGNING_SECRET } from './sender.ts';
import { APP_TOKEN, BOT_TOKEN, type StrictSlack, startStrictSlack } from './strict-slack.ts';
import type { Unverified } from './unverified.ts';
import { clockFromNow, type KeptLog, keptLog, storeFolder, until } from './world.ts';

export interface Surface {
  readonly fake: StrictSlack;
  readonly slack: Slack;
  readonly port: number;
  readonly clock: TestClock;
  readonly log: KeptLog;
  readonly asked: RawRequest[];
  readonly opened: OpenStore;
  /** Log lines with this code. */
  readonly said: (code: string) => number;
  readonly waitFor: (what: string, holds: () => boolean | Promise<boolean>) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface SurfaceOptions {
  readonly socket?: boolean;
  readonly reply?: (raw: RawRequest) => Promise<Reply>;
  readonly routes?: Routes;
  readonly inbox?: (real: Inbox) => Inbox;
  /** Before the bot starts. */
  readonly prepare?: (fake: StrictSlack) => void;
  readonly team?: string | null;
  readonly unverified?: Partial<Unverified>;
  readonly pingTimeoutMs?: number;
  readonly home?: () => Promise<HomePage>;
  /** Do not wait until Slack answered. */
  readonly alone?: boolean;
}

export async function startSurface(options: SurfaceOptions = {}): Promise<Surface> {
  const clock = clockFromNow();
  const fake = await startStrictSlack({ clock, ...(options.unverified === undefined ? {} : { unverified: options.unverified }) });
  fake.groups.set('S0REVIEW', []).set('S0OPS', []);
  options.prepare?.(fake);
  const log = keptLog();
  const folder = storeFolder();
  const opened = folder.open(clock.now);
  const asked: RawRequest[] = [];
  const slack = createSlack({
    config: { channel: 'C0OPS', team: options.team ?? null, app: 'A0APP' },
    people: {
      reviewers: ['U0ALICE', 'S0REVIEW'],
      ops: ['S0OPS'],
      deployLead: null,
      oncall: null,
      mediaEng: null,
      engineeringManager: null,
      shell: {},
    },
    tokens: { bot: BOT_TOKEN, app: options.socket === true ? APP_TOKEN : null, signingSecret: SIGNING_SECRET, apiUrl: fake.apiUrl },
    host: '127.0.0.1',
    port: 0,
    routes: options.routes ?? {},
    inbox: options.inbox?.(opened.inbox) ?? opened.inbox,
    outbox: opened.outbox,
    store: opened.store,
    charts: { png: async () => new Uint8Array([1]) },
    owner: 'this-process',
    isDead: () => false,
    handle: async (raw) => {
      asked.push(raw);
      return options.reply?.(raw) ?? { kind: 'done', note: 'noted', requestId: null };
    },
    word: (reply) => message('good', reply.kind === 'done' ? reply.note : reply.kind),
    clock,
    log,
    random: () => 0,
    ...(options.pingTimeoutMs === undefined ? {} : { pingTimeoutMs: options.pingTimeoutMs }),
    ...(options.home === undefined ? {} : { home: { look: options.home, onWrite: opened.store.onWrite, changed: opened.watch() } }),
  });
  const port = await slack.start();
  const waitFor: Surface['waitFor'] = (what, holds) => until(what, holds, clock);
  if (options.alone !== true) {
    await waitFor('Slack answered', () => slack.health().team !== null && (slack.health().socket?.up ?? 2) === 2);
  }
  return {
    fake,
    slack,
    port,
    clock,
    log,
    asked,
    opened,
    said: (code) => log.lines.filter(({ facts }) => facts['code'] === code).length,
    waitFor,
    close: async () => {
      await slack.stop();
      await clock.later(60_000);
      await fake.stop();
      opened.close();
      folder.remove();
    },
  };
}
