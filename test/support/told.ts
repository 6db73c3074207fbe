// Everything that leaves a bot in memory, in order and with its time: real projection, real queue, real pace; only Slack itself is a list.

import { createHash } from 'node:crypto';
import { createChartEntries } from '../../src/chart-entries.ts';
import { createLiveCards, together } from '../../src/live-cards.ts';
import { createLiveWatches } from '../../src/live-watches.ts';
import { noticeEntries } from '../../src/notify/draw.ts';
import { createProjector, slackEntries } from '../../src/projector.ts';
import { createDeliverer } from '../../src/slack/deliver.ts';
import type { Outcome } from '../../src/slack/outcome.ts';
import type { Draft, Web } from '../../src/slack/web.ts';
import type { World } from './world.ts';

export interface Call {
  readonly at: number;
  readonly what: 'post' | 'update' | 'upload' | 'notice';
  /** Where, and what it looks like, in words. */
  readonly words: string;
}

export interface Told {
  readonly calls: readonly Call[];
  /** Lets time pass as a running bot does, looking every ten seconds. */
  readonly pass: (ms: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const STEP_MS = 10_000;
const OPEN = { mail: true, teams: true, pagerduty: true };

export function tellAll(bot: World): Told {
  const { clock, config, store, opened } = bot;
  const calls: Call[] = [];
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const { outbox } = opened;
  let serial = 0;
  const ok = async <T>(value: T): Promise<Outcome<T>> => ({ kind: 'ok', value });
  const note = (what: Call['what'], words: string) => calls.push({ at: clock.now(), what, words });
  const unasked = () => Promise.reject(new Error('nobody asks that here'));
  const web: Web = {
    whoAmI: unasked,
    find: unasked,
    openView: unasked,
    publishHome: unasked,
    groupMembers: unasked,
    ephemeral: unasked,
    post: (draft) => {
      serial += 1;
      note('post', `${draft.thread === null ? 'channel' : draft.thread.broadcast ? 'thread and channel' : 'thread'} ${drawn(draft)}`);
      return ok(`${1_795_000_000 + serial}.000000`);
    },
    update: (draft, ts) => {
      note('update', drawn(draft));
      return ok(ts);
    },
    files: {
      reserve: ({ filename, alt }) => {
        note('upload', `${filename}\n${alt}`);
        return ok({ url: 'http://127.0.0.1/', file: 'F1' });
      },
      put: () => ok(null),
      complete: () => ok(null),
      holds: () => ok(true),
    },
  };
  const deliverer = createDeliverer({
    outbox,
    web,
    charts: { png: async (facts) => new TextEncoder().encode(JSON.stringify(facts)) },
    clock,
    log,
    owner: 'slack:1:1',
    isDead: () => false,
    random: () => 0.5,
  });
  const beside = together([
    createLiveCards({ store, outbox, channel: config.slack.channel, cursor: 'slack' }),
    createLiveWatches({ store, outbox, config, clock, cursor: 'slack' }),
  ]);
  const shared = { store, changed: () => true, clock, log };
  const slack = createProjector({
    ...shared,
    outbox,
    cursor: 'slack',
    draw: slackEntries(config, config.slack.channel, 'https://ops.test/reports/'),
    charts: createChartEntries({ store, config }),
    onQueued: deliverer.wake,
  });
  const notices = createProjector({
    ...shared,
    outbox: opened.notices,
    cursor: 'notices',
    draw: (told, story) => {
      const entries = noticeEntries(told, story, config, OPEN);
      for (const { channel, content } of entries) note('notice', `${channel} ${summary(content)}`);
      return entries;
    },
    onQueued: () => {},
  });
  const stopping = new AbortController();
  const running = deliverer.run(stopping.signal);

  return {
    calls,
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= STEP_MS) {
        await bot.app.engine.tick();
        // What is under way comes to rest first: in how many turns of the loop is nobody's business.
        await clock.later(0);
        await slack.catchUp();
        await notices.catchUp();
        await clock.later(0);
        if ((await beside()) === 'queued') deliverer.wake();
        await clock.later(Math.min(left, STEP_MS));
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function drawn({ text, blocks }: Draft): string {
  return `(blocks ${hash(blocks)})\n${text}`;
}

function summary(content: unknown): string {
  const kept = content as {
    readonly subject?: string;
    readonly text?: string;
    readonly event_action?: string;
    readonly dedup_key?: string;
  };
  if (kept.event_action !== undefined) return `${kept.event_action} ${kept.dedup_key} (${hash(content)})`;
  return kept.subject === undefined ? `(card ${hash(content)})` : `(${hash(content)})\n${kept.subject}\n${kept.text}`;
}

function hash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
}

/** The whole hour as a file that people can read and compare: what Slack was told, then every reader beside it, for there is no order between them. */
export function transcript(calls: readonly Call[]): string {
  const reader = ({ what, words }: Call) => (what === 'notice' ? words.slice(0, words.indexOf(' ')) : '');
  const lines = calls
    .toSorted((one, other) => reader(one).localeCompare(reader(other)))
    .map(({ at, what, words }) => {
      const [head, ...rest] = words.split('\n');
      return [`${new Date(at).toISOString().slice(11, 23)} ${what} ${head}`, ...rest.map((line) => `    ${line}`.trimEnd())].join('\n');
    });
  return `${lines.join('\n')}\n`;
}
