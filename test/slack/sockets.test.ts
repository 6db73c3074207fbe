// Sockets through everything Slack does to them: recycled, told to go, dropped, silent. What people press has one effect each time.

import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { createOperatorPages } from '../../src/operator-pages.ts';
import { sdkLogger } from '../../src/slack/logger.ts';
import { createSockets } from '../../src/slack/sockets.ts';
import { testClock } from '../support/clock.ts';
import { buttonClick, slashCommand } from '../support/slack/sender.ts';
import { APP_TOKEN, type Mishap, startStrictSlack } from '../support/slack/strict-slack.ts';
import { type Surface, type SurfaceOptions, startSurface } from '../support/slack/surface.ts';
import { keptLog, until } from '../support/slack/world.ts';

let surface: Surface | null = null;
async function start(options: SurfaceOptions = {}): Promise<Surface> {
  surface = await startSurface({ socket: true, ...options });
  return surface;
}
afterEach(async () => {
  await surface?.close();
  expect(surface?.fake.violations ?? []).toEqual([]);
  surface = null;
});

const up = (bot: Surface) => bot.slack.health().socket?.up;
/** How often it began to hear; more than once means that it was deaf in between. */
const heard = (bot: Surface) => bot.log.lines.filter(({ sentence }) => sentence.startsWith('Slack can be heard')).length;

async function pass(bot: Surface, ms: number, stepMs = 5_000): Promise<void> {
  for (const end = bot.clock.now() + ms; bot.clock.now() < end; ) {
    await bot.clock.later(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The sockets without the bot around them: nothing else that time would have to be moved for. */
async function alone() {
  const clock = testClock();
  const log = keptLog();
  const slack = await startStrictSlack({ clock });
  const sockets = createSockets({ appToken: APP_TOKEN, apiUrl: slack.apiUrl, clock, log, logger: sdkLogger(log), random: () => 0 });
  onTestFinished(async () => {
    await sockets.stop();
    await slack.stop();
  });
  await sockets.start();
  await until('both are there', () => sockets.health().up === 2);
  return { clock, log, slack, sockets };
}

describe('the two sockets', () => {
  it('are of different ages after half an hour, so that Slack, which recycles each after an hour, never takes both at once', async () => {
    const { clock, log, slack, sockets } = await alone();
    for (let minutes = 0; minutes < 26 * 60; minutes += 5) {
      await until('both are there', () => sockets.health().up === 2);
      await clock.later(300_000);
    }
    const said = (code: string) => log.lines.filter(({ facts }) => facts['code'] === code).length;
    expect(said('moved')).toBe(1);
    expect(said('closed')).toBeGreaterThanOrEqual(50);
    expect(log.lines.filter(({ sentence }) => sentence.startsWith('Slack can be heard'))).toHaveLength(1);
    expect(slack.violations).toEqual([]);
  });

  it.each<[string, number, Mishap, number, number]>([
    ['refuses connections', 30, { kind: 'drop', after: false }, 1.7, 31],
    ['answers 500', 15, { kind: 'status', status: 500, after: false }, 1.7, 31],
    ['is over its limit', 15, { kind: 'limited', retryAfter: '60' }, 0.9, 63],
    ['says invalid_auth', 15, { kind: 'error', code: 'invalid_auth', after: false }, 1.7, 31],
  ])('come back soon after Slack %s for %i minutes', async (_, minutes, mishap, triesAMinute, backWithinS) => {
    const { clock, slack, sockets } = await alone();
    slack.outage = mishap;
    for (const socket of slack.sockets) socket.terminate();
    await until('nothing can be heard', () => sockets.health().up === 0, clock);
    const { deafSince } = sockets.health();
    for (let halfMinutes = 0; halfMinutes < minutes * 2; halfMinutes += 1) {
      await clock.later(30_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(sockets.health()).toMatchObject({ up: 0, connectedSince: null, deafSince });
    expect(slack.calls.length).toBeGreaterThan(minutes * triesAMinute);
    slack.outage = null;
    const back = clock.now();
    await until('it listens again', () => sockets.health().up === 2, clock);
    expect(clock.now() - back).toBeLessThanOrEqual(backWithinS * 1_000);
    expect(sockets.health().deafSince).toBeNull();
  });

  it.each(['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets'] as const)(
    'are both back at once after Slack said %s to both',
    async (reason) => {
      const bot = await start();
      await pass(bot, 15_000);
      bot.fake.disconnect(reason);
      const told = bot.clock.now();
      await bot.waitFor('both are gone', () => bot.fake.calls.filter(({ method }) => method === 'apps.connections.open').length === 4);
      await bot.waitFor('both are back', () => up(bot) === 2 && bot.fake.sockets.size === 2);
      expect(bot.clock.now() - told).toBeLessThan(30_000);
      await bot.fake.envelope('slash_commands', slashCommand());
      await bot.waitFor('it was handed in', () => bot.asked.length === 1);
    },
  );

  it('are given up when Slack falls silent without closing, and what it sent meanwhile is handed in when it comes again', async () => {
    const bot = await start({ pingTimeoutMs: 500 });
    const [first] = bot.fake.sockets;
    if (first === undefined) throw new Error('no socket');
    bot.fake.silence(first);
    const sent = [1, 2, 3, 4].map(() => bot.fake.envelope('slash_commands', slashCommand()));
    await bot.waitFor('the silent one is replaced', () => bot.log.lines.some(({ facts }) => facts['code'] === 'closed'));
    await bot.waitFor('both are there', () => up(bot) === 2);
    await bot.waitFor('all was acked', () => bot.asked.length === 4);
    await bot.clock.later(5_000);
    await Promise.all(sent);
    expect([heard(bot), bot.asked.length]).toEqual([1, 4]);
  });

  it.each([1, 3])('hand in once what Slack delivers %i times more because the ack was lost', async (socketRetries) => {
    const bot = await start({ unverified: { socketRetries }, pingTimeoutMs: 60_000 });
    bot.fake.deafen();
    const click = buttonClick('approve', { request: 'd-1', expect: null, environment: 'production' });
    void bot.fake.envelope('interactive', click);
    await bot.waitFor('it was handed in', () => bot.asked.length === 1);
    await pass(bot, 600_000, 30_000);
    expect(bot.fake.unacked).toHaveLength(1 + socketRetries);
    expect(bot.asked).toHaveLength(1);
    expect(bot.log.lines.filter(({ sentence }) => sentence.includes('twice'))).toHaveLength(socketRetries);
  });
});

describe('/healthz', () => {
  it('turns red after a minute without a socket, and green again', async () => {
    const bot = await start();
    const notices = () => ({ sent: 0, lost: 0, trouble: [] });
    const pages = createOperatorPages({
      opened: bot.opened,
      reports: async () => ({ status: 404, type: 'text/plain', body: '' }),
      slack: bot.slack.health,
      notices,
      now: bot.clock.now,
    });
    const health = async () => {
      const page = await pages['/healthz']?.('');
      return [page?.status, JSON.parse(String(page?.body)).deaf];
    };
    expect(await health()).toEqual([200, false]);
    await bot.fake.vanish();
    await bot.waitFor('nothing can be heard', () => up(bot) === 0);
    expect(await health()).toEqual([200, false]);
    await pass(bot, 65_000);
    expect(await health()).toEqual([503, true]);
    await bot.fake.comeBack();
    await bot.waitFor('both are back', () => up(bot) === 2);
    expect(await health()).toEqual([200, false]);
  });

  it('tells what waits and what was lost beside Slack, and stays green for it; /metrics counts the same', async () => {
    const bot = await start();
    const { notices } = bot.opened;
    const to = { kind: 'notice', request: 'd-1', notice: 'issue', to: 'E-mail to ana@ops.test' } as const;
    const entry = (key: string, channel: string) => ({ key, channel, to, content: {}, at: bot.clock.now() });
    await notices.enqueue([entry('a', 'mail:ana@ops.test'), entry('b', 'mail:bob@ops.test'), entry('c', 'teams:webhook')], null);
    const lost = await notices.head('teams:webhook');
    await notices.begin(lost?.id ?? 0, 'me', bot.clock.now());
    await notices.fail(lost?.id ?? 0, 'http-400');
    await pass(bot, 65_000);
    const trouble = [{ channel: 'mail:ana@ops.test', code: 'ESOCKET', since: 1 }];
    const pages = createOperatorPages({
      opened: bot.opened,
      reports: async () => ({ status: 404, type: 'text/plain', body: '' }),
      slack: bot.slack.health,
      notices: () => ({ sent: 4, lost: 1, trouble }),
      now: bot.clock.now,
    });
    const health = await pages['/healthz']?.('');
    expect(health?.status).toBe(200);
    expect(JSON.parse(String(health?.body)).notices).toMatchObject({
      sent: 4,
      lost: 1,
      trouble,
      queues: [
        { kind: 'mail', waiting: 2, failed: 0 },
        { kind: 'teams', waiting: 0, failed: 1 },
      ],
    });
    const metrics = String((await pages['/metrics']?.(''))?.body);
    expect(metrics).toContain('dhash_notices_waiting{channel="mail"} 2');
    expect(metrics).toContain('dhash_notices_lost{channel="teams"} 1');
  });
});
