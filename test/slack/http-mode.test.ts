// HTTP mode against the Slack that sends: what it delivers again has one effect, whichever way Slack decides to.

import { afterEach, describe, expect, it } from 'vitest';
import { buttonClick, homeOpened, slashCommand } from '../support/slack/sender.ts';
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

const CLICK = { request: 'd-1', expect: null, environment: 'production' };

/** The first request is stored, but never acked. */
const LOSES_ONE_ACK = {
  inbox: (real: Surface['opened']['inbox']) => {
    let lost = false;
    return {
      ...real,
      receive: async (received: Parameters<typeof real.receive>[0]) => {
        const verdict = await real.receive(received);
        if (lost) return verdict;
        lost = true;
        throw new Error('the disk was slow to say so');
      },
    };
  },
};

async function deliver(bot: Surface, payload: Record<string, unknown>) {
  let over = false;
  const delivered = bot.fake.deliver(bot.port, payload).finally(() => {
    over = true;
  });
  await bot.waitFor('Slack has done with it', () => over);
  return delivered;
}

describe('in HTTP mode', () => {
  it('a command is acked, and its answer uses no response URL', async () => {
    const bot = await start();
    expect(await deliver(bot, slashCommand({ text: 'status' }))).toEqual([{ status: 200, body: '' }]);
    await bot.waitFor('the answer is there', () => bot.fake.ephemerals.length === 1);
    expect(bot.fake.responseUrls.told).toEqual([]);
  });

  it.each([true, false])('a click that was stored but not acked has one effect, delivered again: %s', async (httpRedeliversClicks) => {
    const bot = await start({ ...LOSES_ONE_ACK, unverified: { httpRedeliversClicks } });
    const answers = await deliver(bot, buttonClick('approve', CLICK));
    expect(answers.map((answer) => answer?.status)).toEqual(httpRedeliversClicks ? [500, 200] : [500]);
    await bot.waitFor('it was handed in', () => bot.asked.length > 0);
    await bot.clock.later(5_000);
    expect(bot.asked).toHaveLength(1);
  });

  it('an event is taken once, and a dialog opens within its three seconds', async () => {
    const bot = await start();
    expect((await deliver(bot, homeOpened())).map((answer) => answer?.status)).toEqual([200]);
    await deliver(bot, buttonClick('reject', CLICK));
    await bot.waitFor('the dialog is open', () => bot.fake.views.length === 1);
    expect(bot.asked).toEqual([]);
  });
});
