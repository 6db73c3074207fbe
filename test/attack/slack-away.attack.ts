// Slack away for more than a day, and a Slack that loses a thousand answers: the story is whole, in order, once.

import { afterEach, describe, expect, it } from 'vitest';
import { type DeliverWorld, type DeliverWorldOptions, deliverWorld } from '../support/slack/deliver-world.ts';
import type { Mishap } from '../support/slack/strict-slack.ts';
import { until } from '../support/slack/world.ts';

let world: DeliverWorld;
async function start(options: DeliverWorldOptions): Promise<DeliverWorld> {
  world = await deliverWorld(options);
  world.slack.pageSize = 200;
  return world;
}
afterEach(async () => {
  await world.close();
  expect(world.slack.violations).toEqual([]);
});

/** The same numbers each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const LOST: readonly Mishap[] = [
  { kind: 'drop', after: true },
  { kind: 'drop', after: false },
  { kind: 'error', code: 'internal_error', after: true },
  { kind: 'error', code: 'fatal_error', after: false },
  { kind: 'status', status: 500, after: true },
  { kind: 'status', status: 502, after: false },
  { kind: 'html', after: true },
  { kind: 'html', after: false },
  { kind: 'hang', after: true },
];

describe('a Slack that loses answers', () => {
  it('has each of 1,000 messages once and in order, although the answer to every one was lost', { timeout: 300_000 }, async () => {
    const { slack, clock } = await start({ timeoutMs: 400 });
    const roll = dice(7);
    const keys = Array.from({ length: 1_000 }, (_, index) => `step ${index}`);
    const chosen = keys.map((_, index) => LOST[index % 50 === 0 ? 8 : Math.floor(roll() * 8)] ?? LOST[0]);
    await world.put('card', { kind: 'card' });
    await world.delivered();
    let count = 0;
    for (const [index, key] of keys.entries()) {
      const mishap = chosen[index];
      if (mishap !== undefined) slack.next('chat.postMessage', mishap);
      await world.put(key);
      // The look-up of some fails as well.
      if (index % 7 === 0) slack.next('conversations.replies', { kind: 'status', status: 503, after: false });
      await until(`${key} is told`, async () => (await world.outbox.channels()).length === 0, clock, 1_000);
      count += 1;
    }
    expect(count).toBe(1_000);
    expect(world.texts()).toEqual(['card', ...keys]);
    expect(world.deliverer.health()).toMatchObject({ failed: 0 });
    expect(world.deliverer.health().ambiguous).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a Slack that is away for 26 hours', () => {
  const STEPS = Array.from({ length: 40 }, (_, index) => `step ${index}`);
  const AWAY: readonly Mishap[] = [
    { kind: 'status', status: 503, after: false },
    { kind: 'drop', after: false },
    { kind: 'html', after: false },
    { kind: 'limited', retryAfter: '300' },
    { kind: 'error', code: 'service_unavailable', after: false },
  ];

  it('hears the whole story afterwards, and was asked at most about once a minute', { timeout: 300_000 }, async () => {
    const { slack, clock } = await start({ timeoutMs: 5_000 });
    await world.put('card', { kind: 'card' });
    await world.delivered();
    const began = slack.calls.length;
    for (let hour = 0; hour < 26; hour += 1) {
      slack.outage = AWAY[hour % AWAY.length] ?? null;
      for (const step of STEPS.slice(Math.floor((hour * 40) / 26), Math.floor(((hour + 1) * 40) / 26))) await world.put(step);
      for (let minute = 0; minute < 60; minute += 1) {
        await clock.later(60_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    expect(world.texts()).toEqual(['card']);
    const asked = slack.calls.length - began;
    expect(asked).toBeGreaterThan(26 * 10);
    expect(asked).toBeLessThan(26 * 90);
    slack.outage = null;
    await world.delivered();
    expect(world.texts()).toEqual(['card', ...STEPS]);
    expect(slack.limited).toEqual([]);
  });
});
