import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { buttonClick, formBody, post, slashCommand } from '../support/slack/sender.ts';
import { type Surface, type SurfaceOptions, startSurface } from '../support/slack/surface.ts';

let surface: Surface;
async function start(options: SurfaceOptions = {}): Promise<Surface> {
  surface = await startSurface(options);
  return surface;
}
afterEach(async () => {
  await surface.close();
  expect(surface.fake.violations).toEqual([]);
});

const NOTHING_IN_IT = 'nothing was received';

async function expectNoEffect(bot: Surface): Promise<void> {
  await bot.clock.later(5_000);
  expect(bot.asked, NOTHING_IN_IT).toEqual([]);
  expect(await bot.opened.inbox.pending(10), NOTHING_IN_IT).toEqual([]);
}

describe('a signed slash command', () => {
  it('is acked empty, handed in once and answered to its person', async () => {
    const bot = await start();
    const response = await post(
      bot.port,
      formBody(slashCommand({ text: 'deploy v2.1.0', user_id: 'U0BOB', user_name: 'bob' })),
      bot.clock.now(),
    );
    expect([response.status, await response.text()]).toEqual([200, '']);
    await bot.waitFor('the answer is there', () => bot.fake.ephemerals.length === 1);
    expect(bot.asked).toMatchObject([
      { actor: { surface: 'slack', id: 'U0BOB', name: 'bob' }, wish: { kind: 'words', text: 'deploy v2.1.0' }, channel: 'C0OPS' },
    ]);
    expect(bot.fake.ephemerals).toMatchObject([{ user: 'U0BOB', channel: 'C0OPS', text: '✅ noted' }]);
  });

  it('is understood with a charset in its content type', async () => {
    const bot = await start();
    const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
    expect((await post(bot.port, formBody(slashCommand()), bot.clock.now(), { contentType })).status).toBe(200);
    await bot.waitFor('it was handed in', () => bot.asked.length === 1);
  });

  it('keeps neither the verification token nor the response URL', async () => {
    const bot = await start({ inbox: (real) => ({ ...real, pending: async () => [] }) });
    await post(bot.port, formBody(slashCommand()), bot.clock.now());
    const kept = JSON.stringify(await bot.opened.inbox.pending(10));
    expect(kept).toContain('U0ALICE');
    expect(kept).not.toMatch(/verification-token|hooks\.slack\.com/);
  });
});

describe('requests without effect', () => {
  it.each([
    ['a wrong secret', 'wrong-signature', { secret: 'another' }],
    ['a tampered body', 'wrong-signature', { tampered: formBody(slashCommand({ text: 'rollback' })) }],
    ['no signature', 'no-signature', { signature: null }],
    ['signature version 1', 'no-signature', { signature: `v1=${'a'.repeat(64)}` }],
    ['an upper-case signature', 'no-signature', { signature: `v0=${'A'.repeat(64)}` }],
    ['an empty signature', 'no-signature', { signature: '' }],
    ['a timestamp that is no number', 'no-timestamp', { timestamp: 'abc' }],
    ['a timestamp in exponent form', 'no-timestamp', { timestamp: '1e10' }],
    ['a content type of its own', 'content-type', { contentType: 'text/plain' }],
  ])('refuses %s and says so once', async (_, reason, forged) => {
    const bot = await start();
    const response = await post(bot.port, formBody(slashCommand()), bot.clock.now(), forged);
    expect(response.status).toBeGreaterThanOrEqual(400);
    await expectNoEffect(bot);
    expect(bot.log.lines.filter(({ facts }) => facts['code'] === 'request-refused')).toMatchObject([{ facts: { reason } }]);
  });

  it.each([
    [-301, 401],
    [-299, 200],
    [299, 200],
    [301, 401],
    [3_600, 401],
    [315_360_000, 401],
  ])('judges a timestamp %i s from now', async (seconds, status) => {
    const bot = await start();
    const now = Math.floor(bot.clock.now() / 1_000) * 1_000;
    bot.clock.jump(now - bot.clock.now());
    const timestamp = String(now / 1_000 + seconds);
    expect((await post(bot.port, formBody(slashCommand()), now, { timestamp })).status).toBe(status);
    if (status === 401) await expectNoEffect(bot);
  });

  it.each([
    ['another workspace', { team_id: 'T0OTHER' }],
    ['another app', { api_app_id: 'A0OTHER' }],
  ])('refuses a genuine request of %s', async (_, over) => {
    const bot = await start();
    expect((await post(bot.port, formBody(slashCommand(over)), bot.clock.now())).status).toBe(401);
    await expectNoEffect(bot);
  });

  it('does nothing for a certificate check, even one that smuggles a command', async () => {
    const bot = await start();
    const body = `ssl_check=1&${formBody(slashCommand({ text: 'rollback' }))}`;
    expect((await post(bot.port, body, bot.clock.now(), { signature: null })).status).toBe(200);
    await expectNoEffect(bot);
  });

  it('answers the challenge of a signed URL check', async () => {
    const bot = await start();
    const body = JSON.stringify({ type: 'url_verification', token: 't', challenge: 'c-1' });
    const response = await post(bot.port, body, bot.clock.now(), { contentType: 'application/json' });
    expect(await response.json()).toEqual({ challenge: 'c-1' });
    await expectNoEffect(bot);
  });

  it('refuses a body over 1 MB', async () => {
    const bot = await start();
    expect((await post(bot.port, `text=${'x'.repeat(1_100_000)}`, bot.clock.now())).status).toBe(413);
    await expectNoEffect(bot);
  });

  it('refuses a body over 1 MB that does not tell its length', async () => {
    const bot = await start();
    const socket = connect(bot.port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(String(data)));
    });
    socket.on('error', () => {});
    socket.write('POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
    for (let index = 0; index < 20; index += 1) socket.write(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
    expect(await answer).toContain('413');
    socket.destroy();
  });

  it('takes a signed payload that is no JSON for malformed', async () => {
    const bot = await start();
    expect((await post(bot.port, 'payload=%7Bbroken', bot.clock.now())).status).toBe(400);
    await expectNoEffect(bot);
  });
});

describe('the same thing twice', () => {
  it('gives a replayed request no second effect', async () => {
    const bot = await start();
    const body = formBody(slashCommand());
    const timestamp = String(Math.floor(bot.clock.now() / 1_000));
    for (let index = 0; index < 3; index += 1) expect((await post(bot.port, body, bot.clock.now(), { timestamp })).status).toBe(200);
    await bot.waitFor('it was answered', () => bot.fake.ephemerals.length === 1);
    await bot.clock.later(5_000);
    expect(bot.asked).toHaveLength(1);
    expect(bot.log.lines.filter(({ sentence }) => sentence.includes('twice'))).toHaveLength(2);
  });

  it('hands in both clicks of a double click, for the bot to judge', async () => {
    const bot = await start();
    const value = { request: 'd-1', expect: 'digest', environment: 'production' };
    await Promise.all([1, 2].map(() => post(bot.port, formBody(buttonClick('approve', value)), bot.clock.now())));
    await bot.waitFor('both were answered', () => bot.fake.ephemerals.length === 2);
    expect(new Set(bot.asked.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
    expect(bot.asked[0]?.wish).toEqual({
      kind: 'button',
      verb: 'approve',
      request: 'd-1',
      environment: 'production',
      expect: 'digest',
      flags: [],
      input: null,
    });
  });
});

describe('when the request cannot be stored', () => {
  const full = { inbox: (real: Surface['opened']['inbox']) => ({ ...real, receive: () => Promise.reject(new Error('disk full')) }) };

  it('tells the person instead of acking a command', async () => {
    const bot = await start(full);
    const response = await post(bot.port, formBody(slashCommand()), bot.clock.now());
    expect(await response.json()).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('nothing was done') });
    expect(bot.said('inbox-unwritable')).toBe(1);
  });

  it('does not ack a click and tells its person directly', async () => {
    const bot = await start(full);
    const click = buttonClick('approve', { request: 'd-1', expect: null, environment: 'production' });
    expect((await post(bot.port, formBody(click), bot.clock.now())).status).toBe(500);
    await bot.waitFor('the person was told', () => bot.fake.ephemerals.length === 1);
    expect(bot.fake.ephemerals[0]?.text).toContain('nothing was done');
  });
});

describe('the server', () => {
  it('serves the given pages and nothing else', async () => {
    const bot = await start({
      routes: {
        '/healthz': async () => ({ status: 200, type: 'application/json', body: '{"ok":true}' }),
        '/reports/': async (rest) => ({ status: 200, type: 'text/plain', body: `report ${rest}` }),
        '/broken': () => Promise.reject(new Error('secret detail')),
      },
    });
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${bot.port}${path}`, { method });
      return [response.status, await response.text()];
    };
    expect(await get('/healthz')).toEqual([200, '{"ok":true}']);
    expect(await get('/healthz?x=1', 'HEAD')).toEqual([200, '']);
    expect(await get('/reports/d-1.md')).toEqual([200, 'report d-1.md']);
    expect(await get('/healthz', 'POST')).toEqual([405, 'only GET\n']);
    expect(await get('/slack/events')).toEqual([405, 'only POST\n']);
    expect(await get('/constructor')).toEqual([404, 'not found\n']);
    expect(await get('/broken')).toEqual([500, 'internal error\n']);
  });

  it('starts while Slack is away, says that it is not ready, and learns its workspace later', async () => {
    const bot = await start({ alone: true, prepare: (fake) => (fake.outage = { kind: 'drop', after: false }) });
    const early = await post(bot.port, formBody(slashCommand()), bot.clock.now());
    expect(await early.json()).toMatchObject({ text: expect.stringContaining('does not know its workspace yet') });
    bot.fake.outage = null;
    await bot.waitFor('it learned its workspace', () => bot.slack.health().team === 'T0TEAM');
    expect((await post(bot.port, formBody(slashCommand()), bot.clock.now())).status).toBe(200);
    await bot.waitFor('it was handed in', () => bot.asked.length === 1);
  });

  it('stops within three seconds although a connection hangs, and lets an ack under way go out', async () => {
    let release: () => void = () => {};
    const stored = new Promise<void>((resolve) => {
      release = resolve;
    });
    const bot = await start({
      inbox: (real) => ({
        ...real,
        receive: async (received) => {
          await stored;
          return real.receive(received);
        },
      }),
    });
    const idle = connect(bot.port, '127.0.0.1');
    idle.on('error', () => {});
    idle.write('POST /slack/events HTTP/1.1\r\n');
    const underWay = post(bot.port, formBody(slashCommand()), bot.clock.now());
    await bot.clock.later(100);
    const begun = performance.now();
    const stopped = bot.slack.stop();
    release();
    expect((await underWay).status).toBe(200);
    await stopped;
    expect(performance.now() - begun).toBeLessThan(3_000);
    await expect(fetch(`http://127.0.0.1:${bot.port}/healthz`)).rejects.toThrow();
    idle.destroy();
  });
});
