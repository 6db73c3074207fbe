// Slack away for long: what was to be said arrives afterwards, whole, in order, once, and nobody knocked at its door all the while.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeliverWorld, deliverWorld } from '../support/slack/deliver-world.ts';
import type { Mishap } from '../support/slack/strict-slack.ts';

const MINUTE = 60_000;
const STEPS = Array.from({ length: 12 }, (_, index) => `step ${index + 1}`);

let world: DeliverWorld;
beforeEach(async () => {
  world = await deliverWorld({ timeoutMs: 5_000 });
});
afterEach(async () => {
  await world.close();
  expect(world.slack.violations).toEqual([]);
});

async function story(): Promise<void> {
  await world.put('card', { kind: 'card' });
  for (const step of STEPS) await world.put(step);
}

async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.clock.later(MINUTE);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('when Slack is away', () => {
  it.each<[string, number, Mishap]>([
    ['answers 503', 10, { kind: 'status', status: 503, after: false }],
    ['drops every call', 60, { kind: 'drop', after: false }],
    ['answers with the page of a proxy', 10, { kind: 'html', after: false }],
    ['says service_unavailable', 10, { kind: 'error', code: 'service_unavailable', after: false }],
    ['limits everything', 20, { kind: 'limited', retryAfter: '45' }],
  ])('and %s for %i minutes', async (_, minutes, mishap) => {
    world.slack.outage = mishap;
    await story();
    await pass(minutes);
    expect(world.texts()).toEqual([]);
    expect(world.deliverer.health().trouble).toMatchObject([{ channel: 'C0OPS' }]);
    // At least once a minute, so that it is noticed when Slack is back; and not much more often, whatever it was that went wrong.
    expect(world.slack.calls.length).toBeGreaterThanOrEqual(minutes * 0.9);
    expect(world.slack.calls.length).toBeLessThan(minutes * 1.6 + 10);
    world.slack.outage = null;
    await world.delivered();
    expect(world.texts()).toEqual(['card', ...STEPS]);
    expect(world.slack.limited).toEqual([]);
  });

  it('and nothing listens on its port', async () => {
    await world.slack.vanish();
    await story();
    await pass(10);
    await world.slack.comeBack();
    await world.delivered();
    expect(world.texts()).toEqual(['card', ...STEPS]);
  });

  it('and is stormed by 429s with every Retry-After there is', async () => {
    for (const retryAfter of ['7', '0', null, '120', 'soon', '1', '-3', '30', '7', '7'])
      world.slack.next('chat.postMessage', { kind: 'limited', retryAfter });
    const began = world.clock.now();
    await story();
    await world.delivered();
    expect(world.clock.now() - began).toBeGreaterThanOrEqual(172_000);
    expect(world.texts()).toEqual(['card', ...STEPS]);
  });
});
