// One hostile text through the whole bot: said, clicked, named, printed, thrown and measured; then every surface that shows any of it is looked at.

import { basename } from 'node:path';
import type { Actor } from '../../src/core/actor.ts';
import { BotError } from '../../src/core/error.ts';
import type { StoredEvent } from '../../src/core/event.ts';
import { NOTICES } from '../../src/core/notice.ts';
import { foldLines } from '../../src/core/output.ts';
import { noticeEntries } from '../../src/notify/draw.ts';
import { slackEntries } from '../../src/projector.ts';
import { readContent } from '../../src/slack/content.ts';
import { dialogFor } from '../../src/slack/dialog.ts';
import { layoutHome } from '../../src/slack/home-layout.ts';
import { layout, layoutPlain } from '../../src/slack/layout.ts';
import { liveCard } from '../../src/templates/live-card.ts';
import type { Message } from '../../src/templates/message.ts';
import { progressOf } from '../../src/templates/progress.ts';
import { messageText } from '../../src/templates/text.ts';
import { testConfig } from '../support/config.ts';
import { LISTS } from '../support/notify/world.ts';
import { blockErrors, homeErrors } from '../support/slack/limits.ts';
import { approveBoth } from '../support/stories.ts';
import { type World, world } from '../support/world.ts';
import { inBlocks, inHtml, inMail, inMarkdown, inMrkdwn, inTeams, inTerminal } from './oracles.ts';

export interface Driven {
  /** Surface and fault; empty = it held. */
  readonly faults: readonly string[];
  /** How many texts were looked at. */
  readonly looked: number;
  /** Every program the bot ran, as its words. */
  readonly ran: readonly (readonly string[])[];
  /** Every path it wrote to. */
  readonly paths: readonly string[];
}

const VERBS = [
  'deploy',
  'rollback',
  'backup',
  'history',
  'approve',
  'reject',
  'cancel',
  'ack',
  'snooze',
  'monitor',
  'replay',
  'smoke',
  'status',
  'unlock',
];
const MINUTE = 60_000;

export async function drive(text: string): Promise<Driven> {
  const seen = look();
  const bot = hostileWorld(text, seen);
  try {
    await everyVerb(bot, text, seen);
    await stories(bot, text, seen);
    await everySurface(bot, text, seen);
  } finally {
    bot.opened.close();
  }
  return { faults: seen.faults, looked: seen.count(), ran: seen.ran, paths: [...bot.files.keys()] };
}

function look() {
  const faults: string[] = [];
  const ran: string[][] = [];
  let count = 0;
  const at = (surface: string, found: readonly string[]) => {
    count += 1;
    faults.push(...found.map((fault) => `${surface}: ${fault}`));
  };
  return { faults, ran, at, count: () => count };
}

type Seen = ReturnType<typeof look>;

/** A bot whose programs print the text and fail with it, whose service answers it, and whose people bear it as a name. */
function hostileWorld(text: string, seen: Seen): World {
  const base = testConfig().notify;
  const { service } = testConfig();
  const wording = Object.fromEntries(NOTICES.map((name) => [name, { title: '{{title}}', text: '{{title}}\n{{service}}' }]));
  const bot = world({
    environment: { build: [['npm', 'ci']] },
    config: { notify: { ...base, mail: LISTS, wording, contacts: { U0LEAD: { name: text, mail: null } } }, service },
  });
  const { run } = bot.ports.commands;
  let tries = 0;
  Object.assign(bot.ports.commands, {
    run: async (command: Parameters<typeof run>[0]) => {
      seen.ran.push([...command.argv]);
      command.onLine(text);
      tries += 1;
      if (tries === 1) throw new BotError({ code: 'command-failed', message: `npm said ${text}`, hint: text, tail: [text, text] });
      return { durationMs: 1, lastLines: [text] };
    },
  });
  return bot;
}

/** As one word, as a shell hands it in, and as the words of a Slack command. */
async function everyVerb(bot: World, text: string, seen: Seen): Promise<void> {
  const actor = named('U0LEAD', text);
  let serial = 0;
  for (const verb of [...VERBS, text]) {
    for (const words of [[verb, text], `${verb} ${text}`]) {
      serial += 1;
      const raw = {
        actor,
        wish: { kind: 'words', text: words },
        channel: bot.config.slack.channel,
        dedupeKey: `hostile-${serial}`,
      } as const;
      const reply = await bot.app.handle(raw);
      showMessage(seen, `reply to ${verb === text ? 'the text alone' : verb}`, bot.app.word(reply), bot);
      if (reply.kind === 'accepted') await bot.say(named('U0OPS', text), `cancel ${reply.request.id}`);
      await bot.work(100);
    }
  }
  for (const verb of ['approve', 'reject', 'rollback', 'ack', 'snooze', 'cancel', 'report'] as const) {
    const reply = await bot.press(actor, { verb, request: text, environment: text, expect: text, input: text, flags: [text] });
    showMessage(seen, `reply to the button ${verb}`, bot.app.word(reply), bot);
  }
  const facts = { request: text.slice(0, 200), environment: text.slice(0, 200), expect: null, channel: 'C0OPS' };
  seen.at('dialog', inBlocks([dialogFor('reject', facts), dialogFor('report', facts)]));
}

/** A lock, a rejection, a failed build, a live version that people complain about, and the way back. */
async function stories(bot: World, text: string, seen: Seen): Promise<void> {
  const ana = named('U0LEAD', text);
  const say = async (actor: Actor, words: readonly string[]) => {
    const reply = await bot.app.handle({
      actor,
      wish: { kind: 'words', text: words },
      channel: 'C0OPS',
      dedupeKey: `story-${words.join()}`,
    });
    showMessage(seen, `reply to ${words[0]}`, bot.app.word(reply), bot);
    return reply.kind === 'accepted' ? reply.request.id : '';
  };
  await say(ana, ['lock', text]);
  await say(ana, ['deploy', 'v2.0.0']);
  await say(named('U0OPS', text), ['unlock']);
  const rejected = await say(ana, ['deploy', 'v2.0.0', '--override', text.trim() === '' ? 'x' : text]);
  await bot.work(100);
  await bot.app.handle({
    actor: named('U0BOB', text),
    wish: { kind: 'words', text: ['reject', rejected, text] },
    channel: 'C0OPS',
    dedupeKey: 'reject',
  });
  await bot.work(100);
  for (const tag of ['v1.9.0', 'v2.0.0', 'v2.1.0']) {
    const id = await say(ana, ['deploy', tag]);
    await bot.work(100);
    await approveBoth(bot, id);
  }
  bot.host.health = { status: 503, version: text };
  bot.host.metrics = `# HELP x ${text}\nhttp_requests_total{status="${text}"} 4\n${text}`;
  await say(named('U0BOB', text), ['report', text]);
  await bot.clock.later(5 * MINUTE);
  seen.at('home', homeErrors(layoutHome((await bot.app.home()).messages)));
  await say(ana, ['status']);
  const back = await say(named('U0OPS', text), ['rollback', '--emergency']);
  await bot.work();
  await bot.work();
  await say(ana, ['history']);
  if (back !== '') await bot.clock.later(2 * MINUTE);
}

async function everySurface(bot: World, text: string, seen: Seen): Promise<void> {
  const draw = slackEntries(bot.config, bot.config.slack.channel, 'https://ops.example.com/reports/');
  const open = { mail: true, teams: true, pagerduty: true };
  const stories = new Map<string, StoredEvent[]>();
  for (const told of await bot.store.eventsAfter(0, 10_000)) {
    if (told.requestId === null) continue;
    const story = [...(stories.get(told.requestId) ?? []), told];
    stories.set(told.requestId, story);
    for (const { content } of draw(told, story)) {
      const message = readContent(content);
      if (message !== null) showMessage(seen, `thread, ${told.type}`, message, bot);
    }
    const { lines, current } = progressOf(told, story);
    for (const line of [...lines, current ?? '']) seen.at(`terminal, ${told.type}`, inTerminal(line));
    for (const { channel, content } of noticeEntries(told, story, bot.config, open)) showNotice(seen, channel, content);
  }
  for (const [id, story] of stories) {
    await bot.ports.reports.write(id);
    const row = {
      jobId: story.findLast(({ jobId }) => jobId !== null)?.jobId ?? '',
      requestId: id,
      step: 'build',
      direction: 'forward',
      attempt: 1,
    } as const;
    for (let until = 1; until <= story.length; until += 1) {
      const card = liveCard(story.slice(0, until), {
        ...row,
        at: bot.clock.now(),
        printed: 2,
        lines: foldLines([text, text]),
        service: [text],
      });
      if (card !== null) showMessage(seen, 'live card', card, bot);
    }
  }
  for (const [path, content] of bot.files) {
    const name = basename(path);
    if (!/^[\w.-]+$/.test(name) || path.includes('..')) seen.at('file name', [path]);
    if (name.endsWith('.html')) seen.at('report page', inHtml(content));
    if (name.endsWith('.md')) seen.at('report in Markdown', inMarkdown(content));
  }
}

function showMessage(seen: Seen, where: string, message: Message, bot: World): void {
  const { blocks, text } = layout(message);
  seen.at(`${where}, blocks`, [...inBlocks(blocks), ...blockErrors(blocks)]);
  seen.at(`${where}, text`, inMrkdwn(text));
  seen.at(`${where}, plain`, inMrkdwn(layoutPlain(message)));
  for (const line of messageText(message, bot.clock.now())) seen.at(`${where}, terminal`, inTerminal(line));
}

function showNotice(seen: Seen, channel: string, content: unknown): void {
  if (channel.startsWith('mail:')) {
    const part = (name: string) => String(Reflect.get(Object(content), name));
    seen.at('mail', inMail({ subject: part('subject'), text: part('text'), html: part('html') }));
  }
  if (channel.startsWith('teams:')) seen.at('Teams', inTeams(JSON.parse(JSON.stringify(content))));
  if (channel.startsWith('pagerduty:')) for (const word of JSON.stringify(content).split('\\n')) seen.at('PagerDuty', inTerminal(word));
}

function named(id: string, name: string): Actor {
  return { surface: 'slack', id, name };
}
