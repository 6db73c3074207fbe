import { afterEach, describe, expect, it } from 'vitest';
import { createHome } from '../../src/slack/home.ts';
import { placedClick } from '../../src/slack/home-click.ts';
import { layoutHome } from '../../src/slack/home-layout.ts';
import type { Outcome } from '../../src/slack/outcome.ts';
import { type Message, message } from '../../src/templates/message.ts';
import { testClock } from '../support/clock.ts';
import { homeErrors } from '../support/slack/limits.ts';
import { formBody, homeClick, homeOpened, post } from '../support/slack/sender.ts';
import { type Surface, type SurfaceOptions, startSurface } from '../support/slack/surface.ts';
import { keptLog } from '../support/slack/world.ts';

const ok: Outcome<null> = { kind: 'ok', value: null };

/** The Home alone: a page that the test changes, and who was shown what. */
function alone(store: Map<string, unknown> = new Map()) {
  const clock = testClock();
  const log = keptLog();
  const shown: string[] = [];
  const page = { news: 'v2.0.0', changed: true, answer: ok as Outcome<null> };
  const ring = new Set<() => void>();
  const stop = new AbortController();
  const home = createHome({
    web: {
      publishHome: async (user, view) => {
        expect(homeErrors(view)).toEqual([]);
        if (page.answer.kind === 'ok') shown.push(`${user} ${page.news}`);
        return page.answer;
      },
    },
    store: {
      get: async (key) => JSON.parse(JSON.stringify(store.get(key) ?? null)),
      set: async (key, value) => void store.set(key, value),
    },
    look: async () => ({ messages: [message('good', page.news)], news: page.news }),
    onWrite: (listener) => {
      ring.add(listener);
      return () => ring.delete(listener);
    },
    changed: () => {
      const was = page.changed;
      page.changed = false;
      return was;
    },
    clock,
    log,
  });
  void home.run(stop.signal);
  const write = (news: string) => {
    Object.assign(page, { news, changed: true });
    for (const listener of ring) listener();
  };
  return { home, clock, log, shown, page, write, stop, store };
}

describe('the App Home', () => {
  it('is published at once to whoever opens it, also when nothing changed', async () => {
    const { home, clock, shown } = alone();
    await clock.later(100);
    home.opened('U0ANA');
    await clock.later(100);
    home.opened('U0ANA');
    await clock.later(100);
    expect(shown).toEqual(['U0ANA v2.0.0', 'U0ANA v2.0.0']);
  });

  it('follows what changes, ten seconds apart at most, and says nothing when nothing new stands there', async () => {
    const { home, clock, shown, write } = alone();
    home.opened('U0ANA');
    await clock.later(100);
    for (let second = 1; second <= 30; second += 1) {
      write(`v2.1.${second}`);
      await clock.later(1_000);
    }
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(shown.length).toBeLessThanOrEqual(5);
    await clock.later(20_000);
    expect(shown.at(-1)).toBe('U0ANA v2.1.30');
    const before = shown.length;
    write('v2.1.30');
    await clock.later(60_000);
    expect(shown.length).toBe(before);
  });

  it('is known again after a restart, and left alone by those who have not opened it for half a day', async () => {
    const first = alone();
    first.home.opened('U0ANA');
    await first.clock.later(1_000);
    first.stop.abort();
    const second = alone(first.store);
    await second.clock.later(1_000);
    expect(second.shown).toEqual([]);
    second.write('v2.2.0');
    await second.clock.later(15_000);
    expect(second.shown).toEqual(['U0ANA v2.2.0']);
    await second.clock.later(13 * 3_600_000);
    second.write('v2.3.0');
    await second.clock.later(120_000);
    expect(second.shown).toHaveLength(1);
  });

  it('waits as long as Slack says, then shows the newest; a person whom Slack refuses is not asked for again', async () => {
    const { home, clock, shown, page } = alone();
    page.answer = { kind: 'limited', code: 'ratelimited', retryAfterMs: 40_000 };
    home.opened('U0ANA');
    await clock.later(1_000);
    page.answer = ok;
    await clock.later(20_000);
    expect(shown).toEqual([]);
    await clock.later(40_000);
    expect(shown).toEqual(['U0ANA v2.0.0']);
    page.answer = { kind: 'refused', code: 'not_enabled', needed: null };
    home.opened('U0BOB');
    await clock.later(1_000);
    page.answer = ok;
    await clock.later(300_000);
    expect(shown).toHaveLength(1);
  });

  it('keeps within what Slack takes, and names what did not fit', () => {
    const environment = (name: string): Message =>
      message('good', `${name}: v2.1.0 is live`, {
        facts: Array.from({ length: 5 }, () => ({ label: 'Live', value: ['x'.repeat(900)] })),
        lines: Array.from({ length: 40 }, (_, at) => [`${name} line ${at} ${'<&>'.repeat(100)}`]),
        tail: Array.from({ length: 10 }, () => 'output '.repeat(40)),
        footer: ['Next'],
      });
    const view = layoutHome(Array.from({ length: 60 }, (_, at) => environment(`env-${at}`)));
    expect(homeErrors(view)).toEqual([]);
    expect(view.blocks.length).toBeLessThanOrEqual(100);
    const last = JSON.stringify(view.blocks.at(-1));
    expect(last).toContain('env-59: v2.1.0 is live');
    expect(homeErrors(layoutHome([]))).toEqual([]);
  });
});

describe('a Slack that tells of it', () => {
  let surface: Surface;
  const start = async (options: SurfaceOptions) => {
    surface = await startSurface({
      home: async () => ({ messages: [message('good', 'production: v2.1.0 is live')], news: 'x' }),
      ...options,
    });
    return surface;
  };
  afterEach(async () => {
    await surface.close();
    expect(surface.fake.violations).toEqual([]);
  });

  it('by a socket gets the page published, once, and a stranger gets nothing', async () => {
    const bot = await start({ socket: true });
    await bot.fake.envelope('events_api', homeOpened('U0OTHER', { team_id: 'T0OTHER' }));
    await bot.fake.envelope('events_api', homeOpened());
    await bot.waitFor('the page is there', () => bot.fake.homes.size > 0);
    expect([...bot.fake.homes.keys()]).toEqual(['U0ALICE']);
    expect(JSON.stringify(bot.fake.homes.get('U0ALICE')?.view)).toContain('production: v2.1.0 is live');
  });

  it('by HTTP does too, and its other tab is not the Home', async () => {
    const bot = await start({});
    const messages = { type: 'app_home_opened', user: 'U0BOB', channel: 'D0BOB', tab: 'messages', event_ts: '1795000000.000001' };
    for (const body of [homeOpened('U0BOB', { event: messages }), homeOpened()]) {
      const response = await post(bot.port, JSON.stringify(body), bot.clock.now(), { contentType: 'application/json' });
      expect(response.status).toBe(200);
    }
    await bot.waitFor('the page is there', () => bot.fake.homes.size > 0);
    expect([...bot.fake.homes.keys()]).toEqual(['U0ALICE']);
  });

  it('of a click there hands it in as if in the ops channel, and answers there to that person', async () => {
    const bot = await start({});
    const value = { request: 'd-1', expect: 'dep-1', environment: 'production', flags: ['--shown=a.zip'] };
    await post(bot.port, formBody(homeClick('rollback', value)), bot.clock.now());
    await bot.waitFor('the answer is there', () => bot.fake.ephemerals.length === 1);
    expect(bot.asked).toMatchObject([{ actor: { id: 'U0ALICE' }, channel: 'C0OPS', wish: { kind: 'button', verb: 'rollback', ...value } }]);
    expect(bot.fake.ephemerals).toMatchObject([{ channel: 'C0OPS', user: 'U0ALICE' }]);
  });

  it('of a button of another place without a channel is still not understood', async () => {
    const bot = await start({});
    const click = {
      ...homeClick('rollback', { request: 'd-1', expect: null, environment: 'production' }),
      view: { id: 'V1', type: 'modal' },
    };
    await post(bot.port, formBody(click), bot.clock.now());
    await bot.waitFor('it was looked at', () => bot.said('unreadable-payload') === 1);
    expect(bot.asked).toEqual([]);
  });
});

it('keeps nothing of the page with a click', () => {
  const click: unknown = homeClick('ack', { request: 'd-1' });
  const placed = placedClick(JSON.parse(JSON.stringify(click)), 'C0OPS');
  expect(placed).toMatchObject({ channel: { id: 'C0OPS' } });
  expect(placed).not.toHaveProperty('view');
});
