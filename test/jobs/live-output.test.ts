import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { Outbox } from '../../src/core/mailbox.ts';
import { cleanLine } from '../../src/host/commands/output-lines.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { redactStore } from '../../src/host/redacted-store.ts';
import { createLiveCards } from '../../src/live-cards.ts';
import { createLogEntries } from '../../src/log-entries.ts';
import { createProjector, slackEntries } from '../../src/projector.ts';
import { readContent } from '../../src/slack/content.ts';
import { layout } from '../../src/slack/layout.ts';
import { liveCard } from '../../src/templates/live-card.ts';
import { tellStory } from '../../src/templates/story.ts';
import { messageText } from '../../src/templates/text.ts';
import { blockErrors } from '../support/slack/limits.ts';
import { NO_APPROVALS } from '../support/stories.ts';
import { ANA, world } from '../support/world.ts';

const BUILD = { ...NO_APPROVALS, build: [['npm', 'ci']] } as const;

/** A deploy in the middle of its build, which prints when it is told to. */
async function building() {
  const bot = world({ environment: BUILD });
  const build = { print: (_: string) => {}, end: () => {}, fail: (_: Error) => {} };
  Object.assign(bot.ports.commands, {
    run: ({ onLine }: { readonly onLine: (line: string) => void }) =>
      new Promise((resolve, reject) => {
        build.print = onLine;
        build.end = () => resolve({ durationMs: 1, lastLines: [] });
        build.fail = reject;
      }),
  });
  const reply = await bot.say(ANA, 'deploy v2.1.0');
  if (reply.kind !== 'accepted') throw new Error(reply.kind);
  await bot.work(100);
  const cards: { key: string; content: Json }[] = [];
  const stop = new AbortController();
  const outbox: Outbox = {
    ...bot.opened.outbox,
    enqueue: async (entries, cursor) => {
      cards.push(...entries.filter(({ to }) => to.kind === 'card'));
      return bot.opened.outbox.enqueue(entries, cursor);
    },
  };
  const projector = createProjector({
    store: bot.store,
    outbox,
    changed: bot.opened.watch(),
    cursor: 'slack',
    draw: slackEntries(bot.config, 'C0OPS'),
    beside: createLiveCards({ store: bot.store, outbox, channel: 'C0OPS', cursor: 'slack' }).draw,
    clock: bot.clock,
    log: bot.ports.log,
    onQueued: () => {},
  });
  void projector.run(stop.signal);
  await bot.clock.later(1_000);
  const lastCard = () => {
    const content = readContent(cards.at(-1)?.content ?? null);
    if (content === null) throw new Error('no card');
    return content;
  };
  const live = () => cards.filter(({ key }) => key.startsWith('live:')).length;
  return { bot, build, id: reply.request.id, cards, lastCard, live, stop };
}

test('the last lines and the state of the service stand in the card while a step prints, every 5 s at most, and no event is written', async () => {
  const { bot, build, lastCard, live, stop } = await building();
  const head = (await bot.store.head())?.seq;
  for (let second = 0; second < 20; second += 1) {
    for (let line = 0; line < 50; line += 1) build.print(`module ${second * 50 + line}`);
    await bot.clock.later(1_000);
  }
  expect(live()).toBeGreaterThanOrEqual(3);
  expect(live()).toBeLessThanOrEqual(4);
  const card = lastCard();
  expect(card.tail).toHaveLength(10);
  expect(card.tail.at(-1)).toMatch(/^module \d+$/);
  const text = messageText(card, bot.clock.now()).join('\n');
  expect(text).toMatch(/blue.*: nothing runs/);
  expect(text).toContain('public port: no version answers');
  expect(text).toMatch(/has printed \d+ lines; the last, at/);
  expect(blockErrors(layout(card).blocks)).toEqual([]);
  expect((await bot.store.head())?.seq).toBe(head);
  expect((await bot.store.progress()).length).toBe(1);
  stop.abort();
});

test('a long step that prints nothing shows how the service stands, and again when that changes', async () => {
  const bot = world({ environment: NO_APPROVALS });
  const ready = Promise.withResolvers<never>();
  Object.assign(bot.ports.slots, { ready: () => ready.promise });
  const reply = await bot.say(ANA, 'deploy v2.1.0');
  if (reply.kind !== 'accepted') throw new Error(reply.kind);
  await bot.work(100);
  await bot.clock.later(6_000);
  const [row] = await bot.store.progress();
  if (row === undefined) throw new Error('no row');
  expect(row).toMatchObject({ step: 'ready', printed: 0, lines: [] });
  const card = liveCard(await bot.store.eventsOf(reply.request.id), row);
  if (card === null) throw new Error('no card');
  const text = messageText(card, bot.clock.now()).join('\n');
  expect(text).toContain('blue: v2.1.0 runs');
  expect(text).toMatch(/Wait until the right version answers goes on; seen at/);
  await bot.clock.later(60_000);
  expect((await bot.store.progress())[0]?.at ?? row.at).toBe(row.at);
  ready.reject(new Error('it never answers'));
});

test('a step that falls silent is not drawn again, and its output leaves the card with its end', async () => {
  const { bot, build, lastCard, live, stop } = await building();
  build.print('the only line');
  await bot.clock.later(6_000);
  expect([live(), lastCard().tail]).toEqual([1, ['$ npm ci', 'the only line']]);
  await bot.clock.later(60_000);
  expect(live()).toBe(1);
  build.end();
  await bot.clock.later(2_000);
  expect(lastCard().tail).toEqual([]);
  expect(await bot.store.progress()).toEqual([]);
  stop.abort();
});

test('a row that a dead worker left behind is never drawn, and goes with the end of the next step, also a silent one', async () => {
  const { bot, build, cards, stop } = await building();
  const [job] = await bot.store.jobs({ open: true });
  if (job === undefined) throw new Error('no job');
  const left = {
    jobId: job.id,
    requestId: job.requestId,
    step: 'build',
    direction: 'forward',
    printed: 1,
    lines: ['old'],
    service: [],
  } as const;
  await bot.store.showProgress(job.id, { ...left, attempt: 7, at: 1 });
  await bot.clock.later(2_000);
  await bot.store.showProgress(job.id, { ...left, step: 'fetch', attempt: 1, at: 2 });
  await bot.clock.later(2_000);
  expect(JSON.stringify(cards)).not.toContain('"old"');
  build.end();
  await bot.clock.later(2_000);
  expect(await bot.store.progress()).toEqual([]);
  stop.abort();
});

test('two bots draw one card', async () => {
  const { bot, build, live, stop } = await building();
  build.print('a line');
  await bot.clock.later(6_000);
  expect(live()).toBe(1);
  const { waiting } = await bot.opened.outbox.depth();
  const other = createLiveCards({ store: bot.store, outbox: bot.opened.outbox, channel: 'C0OPS', cursor: 'slack' });
  expect(await other.draw()).toBe('queued');
  expect((await bot.opened.outbox.depth()).waiting).toBe(waiting);
  expect(await other.draw()).toBe('nothing');
  stop.abort();
});

test('when a step fails for good everything it printed comes into the thread as a file', async () => {
  const { bot, build, id, stop } = await building();
  build.print('module 1');
  build.print('\u001b[31mit broke');
  build.fail(new Error('exit 1'));
  await bot.work(60_000);
  stop.abort();
  const story = await bot.store.eventsOf(id);
  const failures = story.filter(({ type }) => type === 'step.failed');
  const log = `=== fetch attempt 1, x\nno\n=== build attempt 1, x\nmodule 1\n\u001b[31mit broke\n`;
  const entries = createLogEntries({ files: { read: async () => log }, config: bot.config });
  const found = await Promise.all(failures.map((told) => entries(told, story)));
  const last = found.at(-1);
  expect(last).toMatchObject({
    to: { kind: 'chart', request: id },
    content: { filename: `${id}-build.log`, log: '=== build attempt 1, x\nmodule 1\n\\u001b[31mit broke\n' },
  });
  expect(found.filter((entry) => entry !== null)).toHaveLength(1);
  const unreadable = createLogEntries({ files: { read: () => Promise.reject(new Error('EACCES')) }, config: bot.config });
  const told = failures.at(-1);
  expect(told === undefined ? undefined : await unreadable(told, story)).toBeNull();
});

test('when a step fails the thread says where everything it printed can be read', async () => {
  const { bot, build, id } = await building();
  build.print('npm ERR! broken');
  build.fail(new Error('exit 1'));
  await bot.work();
  const failed = (await bot.store.eventsOf(id, ['step.failed'])).at(-1);
  expect(failed).toMatchObject({ data: { failure: { tail: expect.arrayContaining(['npm ERR! broken']) } } });
  const story = await bot.store.eventsOf(id);
  const at = story.findIndex(({ seq }) => seq === failed?.seq);
  const told = story[at];
  if (told === undefined) throw new Error('no failure');
  const thread = tellStory(told, story.slice(0, at + 1)).find(({ where }) => where.kind === 'thread');
  expect(JSON.stringify(thread?.content.lines)).toMatch(new RegExp(`bin/dhash log ${id} \\w+`));
});

test('what leaves the process is redacted and cannot drive a terminal', async () => {
  const bot = world();
  const redact = createRedactor(['hunter2-hunter2']);
  const store = redactStore(bot.store, redact);
  const lines = ['\u001b]0;owned\u0007\u001b[2Jtoken hunter2-hunter2', 'left\u202eright'];
  const row = {
    jobId: 'j',
    requestId: 'r',
    step: 's',
    direction: 'forward',
    attempt: 1,
    at: 1,
    printed: 2,
    lines,
    service: lines,
  } as const;
  await store.showProgress('j', row);
  const kept = await store.progressOf('r');
  expect(kept?.lines).toEqual(['token [redacted]', 'leftright']);
  expect(kept?.service).toEqual(lines.map((line) => cleanLine(line, redact)));
});
