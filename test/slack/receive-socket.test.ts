import { afterEach, describe, expect, it } from 'vitest';
import { buttonClick, rejectSubmission, slashCommand } from '../support/slack/sender.ts';
import { type Surface, type SurfaceOptions, startSurface } from '../support/slack/surface.ts';
import { until } from '../support/slack/world.ts';

let surface: Surface;
async function start(options: SurfaceOptions = {}): Promise<Surface> {
  surface = await startSurface({ socket: true, ...options });
  return surface;
}
afterEach(async () => {
  await surface.close();
  expect(surface.fake.violations).toEqual([]);
});

const VALUE = { request: 'd-7k3f9x', expect: 'digest', environment: 'production' };

describe('an envelope', () => {
  it('is acked, handed in once and answered', async () => {
    const bot = await start();
    expect(await bot.fake.envelope('slash_commands', slashCommand({ text: 'status' }))).toEqual({});
    await bot.waitFor('the answer is there', () => bot.fake.ephemerals.length === 1);
    expect(bot.asked).toMatchObject([{ actor: { id: 'U0ALICE' }, wish: { kind: 'words', text: 'status' } }]);
  });

  it('has one effect when Slack delivers it again, in the same and in another envelope', async () => {
    const bot = await start();
    const payload = slashCommand();
    await bot.fake.envelope('slash_commands', payload, 'env-same');
    await bot.fake.envelope('slash_commands', payload, 'env-same');
    await bot.fake.envelope('slash_commands', payload, 'env-other');
    await bot.waitFor('it was answered', () => bot.fake.ephemerals.length > 0);
    await bot.clock.later(5_000);
    expect([bot.asked.length, bot.fake.ephemerals.length]).toEqual([1, 1]);
  });

  it.each([
    ['another workspace', { team_id: 'T0OTHER' }],
    ['another app', { api_app_id: 'A0OTHER' }],
  ])('of %s is acked without effect and noted once', async (_, over) => {
    const bot = await start();
    await bot.fake.envelope('slash_commands', slashCommand(over));
    await bot.clock.later(5_000);
    expect(bot.asked).toEqual([]);
    expect(bot.said('foreign-request')).toBe(1);
  });

  it('of a workspace that slack.team does not name has no effect', async () => {
    const bot = await start({ team: 'T0CONFIGURED' });
    await bot.fake.envelope('slash_commands', slashCommand());
    await bot.clock.later(5_000);
    expect(bot.asked).toEqual([]);
  });
});

describe('Reject', () => {
  it('opens a dialog that carries the request, and hands in the reason typed there', async () => {
    const bot = await start();
    await bot.fake.envelope('interactive', buttonClick('reject', VALUE));
    // No time passes here: a trigger is good for three seconds.
    await until('the dialog is open', () => bot.fake.views.length === 1);
    expect(bot.asked).toEqual([]);
    const [opened] = bot.fake.views;
    const metadata = JSON.parse(String(Reflect.get(Object(opened?.view), 'private_metadata')));
    expect(metadata).toEqual({ ...VALUE, channel: 'C0OPS' });

    expect(await bot.fake.envelope('interactive', rejectSubmission(metadata, ' too risky today '))).toEqual({});
    await bot.waitFor('the answer is there', () => bot.fake.ephemerals.length === 1);
    expect(bot.asked).toMatchObject([
      { wish: { kind: 'button', verb: 'reject', request: 'd-7k3f9x', expect: 'digest', input: 'too risky today' } },
    ]);
    expect(bot.fake.ephemerals).toMatchObject([{ channel: 'C0OPS', user: 'U0ALICE' }]);
    expect(await bot.opened.inbox.pending(10)).toEqual([]);
  });

  it.each(['expired_trigger_id', 'trigger_expired'])('says what to type when the dialog cannot be opened: %s', async (code) => {
    const bot = await start();
    bot.fake.next('views.open', { kind: 'error', code, after: false });
    await bot.fake.envelope('interactive', buttonClick('reject', VALUE));
    await bot.waitFor('the person was told', () => bot.fake.ephemerals.length === 1);
    expect(bot.fake.ephemerals[0]?.text).toContain('`/dhash reject d-7k3f9x REASON`');
    expect(bot.fake.views).toEqual([]);
    expect(bot.asked).toEqual([]);
  });

  it('shows an error in the dialog when the reason cannot be stored', async () => {
    const bot = await start({ inbox: (real) => ({ ...real, receive: () => Promise.reject(new Error('disk full')) }) });
    const answer = await bot.fake.envelope('interactive', rejectSubmission({ ...VALUE, channel: 'C0OPS' }, 'no'));
    expect(answer).toMatchObject({ response_action: 'errors', errors: { reason: expect.stringContaining('nothing was done') } });
  });
});

describe('the connections', () => {
  it('are two, and a recycled one is replaced while the other listens', async () => {
    const bot = await start();
    const [first] = bot.fake.sockets;
    first?.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    await bot.waitFor('one is gone', () => bot.slack.health().socket?.up === 1);
    expect(bot.slack.health().socket?.deafSince).toBeNull();
    await bot.fake.envelope('slash_commands', slashCommand());
    await bot.waitFor('there are two again', () => bot.slack.health().socket?.up === 2);
    await bot.waitFor('it was handed in', () => bot.asked.length === 1);
  });

  it('and everything else obey Retry-After from the first call on', async () => {
    const bot = await start({ alone: true, prepare: (slack) => (slack.outage = { kind: 'limited', retryAfter: '90' }) });
    const calls = (method: string) => bot.fake.calls.filter((call) => call.method === method).length;
    await until('both have asked', () => calls('apps.connections.open') === 2);
    for (let second = 0; second < 600; second += 1) {
      const before = bot.fake.calls.length;
      await bot.clock.later(1_000);
      // The second connection asks two seconds after the first, and must have heard its answer by then.
      if (bot.fake.calls.length > before) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(['auth.test', 'usergroups.users.list', 'apps.connections.open'].map(calls)).toEqual([7, 7, 8]);
  });

  it('start although Slack is away', async () => {
    const bot = await start({ alone: true, prepare: (fake) => (fake.outage = { kind: 'drop', after: false }) });
    expect(bot.slack.health().socket).toMatchObject({ up: 0 });
    bot.fake.outage = null;
    await bot.waitFor('it listens', () => bot.slack.health().socket?.up === 2);
  });

  it('are replaced when Slack never says hello', async () => {
    const bot = await start({ alone: true, prepare: (fake) => fake.next('apps.connections.open', { kind: 'hang', after: false }) });
    await bot.waitFor('both are there', () => bot.slack.health().socket?.up === 2);
    expect(bot.log.lines.some(({ facts }) => facts['code'] === 'no-hello')).toBe(true);
  });

  it('serve the pages on the same port, and nothing of Slack', async () => {
    const bot = await start({ routes: { '/healthz': async () => ({ status: 200, type: 'text/plain', body: 'fine' }) } });
    expect(await (await fetch(`http://127.0.0.1:${bot.port}/healthz`)).text()).toBe('fine');
    expect((await fetch(`http://127.0.0.1:${bot.port}/slack/events`, { method: 'POST' })).status).toBe(404);
  });

  it('are closed within three seconds, after the acks under way', async () => {
    let release: () => void = () => {};
    const stored = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = (real: Surface['opened']['inbox']) => ({
      ...real,
      receive: async (received: Parameters<typeof real.receive>[0]) => {
        await stored;
        return real.receive(received);
      },
    });
    const bot = await start({ inbox: slow });
    const acked = bot.fake.envelope('slash_commands', slashCommand());
    await bot.clock.later(100);
    const begun = performance.now();
    const stopped = bot.slack.stop();
    release();
    expect(await acked).toEqual({});
    await stopped;
    expect(performance.now() - begun).toBeLessThan(3_000);
    await bot.waitFor('the sockets are closed', () => bot.fake.sockets.size === 0);
  });
});
