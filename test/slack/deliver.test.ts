import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message } from '../../src/templates/message.ts';
import { type DeliverWorld, deliverWorld } from '../support/slack/deliver-world.ts';
import type { Mishap } from '../support/slack/strict-slack.ts';
import { OTHERWISE } from '../support/slack/unverified.ts';
import { until } from '../support/slack/world.ts';

let world: DeliverWorld;
beforeEach(async () => {
  world = await deliverWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.slack.violations).toEqual([]);
});

describe('the ordinary case', () => {
  it('posts the card, then replies in its thread, then edits the card in place', async () => {
    await world.put('card-1', { kind: 'card' });
    await world.put('reply-1');
    await world.put('reply-2', { kind: 'thread', broadcast: true });
    await world.delivered();
    await world.put('card-2', { kind: 'card' });
    await world.delivered();
    const [card, first, second] = world.messages();
    expect(world.texts()).toEqual(['card-2', 'reply-1', 'reply-2']);
    expect(card).toMatchObject({ thread: null, edits: 1, key: 'card-1' });
    expect(first).toMatchObject({ thread: card?.ts, broadcast: false, key: 'reply-1' });
    expect(second).toMatchObject({ thread: card?.ts, broadcast: true });
  });

  it('stays within every limit where Slack answers all open questions otherwise', async () => {
    await world.close();
    world = await deliverWorld({ unverified: OTHERWISE });
    for (let index = 0; index < 12; index += 1) {
      await world.put(`card-${index}`, { kind: 'card' });
      await world.put(`reply-${index}`);
      await world.put(`note-${index}`, { kind: 'ephemeral' });
    }
    await world.delivered();
    expect(world.messages().filter(({ thread }) => thread !== null)).toHaveLength(12);
    expect(world.slack.limited).toEqual([]);
  });

  it('leaves at least a second between two posts to a channel', async () => {
    const times: number[] = [];
    await world.put('a', { kind: 'card' });
    for (const key of ['b', 'c']) await world.put(key);
    await until(
      'all three are there',
      () => {
        if (world.messages().length > times.length) times.push(world.clock.now());
        return times.length === 3;
      },
      world.clock,
      100,
    );
    expect(times.slice(1).map((at, index) => at - (times[index] ?? 0) >= 1_000)).toEqual([true, true]);
  });

  it('shows an ephemeral to its one person', async () => {
    await world.put('hello', { kind: 'ephemeral', user: 'U0BOB' });
    await world.delivered();
    expect(world.slack.ephemerals).toMatchObject([{ channel: 'C0OPS', user: 'U0BOB', text: 'ℹ️ hello' }]);
  });

  it('never lets one channel hold up another', async () => {
    world.slack.channels.set('C0TWO', []);
    world.slack.notIn.add('C0OPS');
    await world.put('stuck', { kind: 'card' });
    await world.outbox.enqueue(
      [
        {
          key: 'free',
          channel: 'C0TWO',
          to: { kind: 'card', request: 'd-2' },
          content: JSON.parse(JSON.stringify(message('info', 'free'))),
          at: 0,
        },
      ],
      null,
    );
    await until('the other channel has its message', () => world.texts('C0TWO').length === 1, world.clock);
    expect(world.texts()).toEqual([]);
  });
});

const UNSURE: readonly [string, Mishap][] = [
  ['the connection drops after Slack stored it', { kind: 'drop', after: true }],
  ['the connection drops before Slack stored it', { kind: 'drop', after: false }],
  ['Slack answers 500 after storing it', { kind: 'status', status: 500, after: true }],
  ['Slack answers 503 without storing it', { kind: 'status', status: 503, after: false }],
  ['internal_error after storing it', { kind: 'error', code: 'internal_error', after: true }],
  ['fatal_error without storing it', { kind: 'error', code: 'fatal_error', after: false }],
  ['a proxy answers HTML after Slack stored it', { kind: 'html', after: true }],
  ['a proxy answers HTML instead of Slack', { kind: 'html', after: false }],
  ['Slack stores it and never answers', { kind: 'hang', after: true }],
  ['Slack never answers', { kind: 'hang', after: false }],
];

describe('when nobody knows whether it arrived', () => {
  it.each(UNSURE)('tells it once although %s', async (_, mishap) => {
    await world.put('card', { kind: 'card' });
    await world.delivered();
    for (let index = 0; index < 4; index += 1) await world.put(`before ${index}`);
    await world.delivered();
    world.slack.next('chat.postMessage', mishap);
    await world.put('reply');
    await world.put('last');
    await world.delivered();
    expect(world.texts().slice(-2)).toEqual(['reply', 'last']);
    expect(world.texts()).toHaveLength(7);
  });

  it.each(UNSURE)('posts one card although %s', async (_, mishap) => {
    world.slack.next('chat.postMessage', mishap);
    await world.put('card', { kind: 'card' });
    await world.put('reply');
    await world.delivered();
    expect(world.texts()).toEqual(['card', 'reply']);
    expect(world.messages()[1]?.thread).toBe(world.messages()[0]?.ts);
  });

  it('does not repeat anything while the look-up itself fails', async () => {
    world.slack.next('chat.postMessage', { kind: 'drop', after: true });
    for (let index = 0; index < 3; index += 1) world.slack.next('conversations.history', { kind: 'status', status: 502, after: false });
    await world.put('card', { kind: 'card' });
    await world.delivered();
    expect(world.texts()).toEqual(['card']);
  });

  it('repeats an edit, which changes nothing the second time', async () => {
    await world.put('card', { kind: 'card' });
    await world.delivered();
    world.slack.next('chat.update', { kind: 'drop', after: true });
    await world.put('newer', { kind: 'card' });
    await world.delivered();
    expect(world.texts()).toEqual(['newer']);
    expect(world.slack.calls.some(({ method }) => method === 'conversations.history')).toBe(false);
  });

  it('repeats an ephemeral once and then gives it up', async () => {
    world.slack.next('chat.postEphemeral', { kind: 'drop', after: true });
    world.slack.next('chat.postEphemeral', { kind: 'drop', after: true });
    await world.put('hello', { kind: 'ephemeral' });
    await world.put('next', { kind: 'ephemeral' });
    await world.delivered();
    expect(world.slack.ephemerals.map(({ text }) => text)).toEqual(['ℹ️ hello', 'ℹ️ hello', 'ℹ️ next']);
    expect(await world.outbox.depth()).toMatchObject({ waiting: 0, failed: 1 });
  });

  it('retries an ephemeral that was certainly not delivered as often as it takes', async () => {
    for (let index = 0; index < 4; index += 1) world.slack.next('chat.postEphemeral', { kind: 'limited', retryAfter: '1' });
    await world.put('hello', { kind: 'ephemeral' });
    await world.delivered();
    expect(world.slack.ephemerals).toHaveLength(1);
  });
});

describe('when the bot is killed in the middle of sending', () => {
  it.each([
    ['Slack has it', true],
    ['Slack has it not', false],
  ])('tells it once when %s', async (_, after) => {
    await world.put('card', { kind: 'card' });
    await world.delivered();
    world.slack.next('chat.postMessage', { kind: 'hang', after });
    await world.put('reply');
    await world.put('last');
    const sent = world.slack.calls.length;
    await until('the send is under way', () => world.slack.calls.length > sent, world.clock);
    await world.crash();
    await world.delivered();
    expect(world.texts()).toEqual(['card', 'reply', 'last']);
  });

  it('repeats an ephemeral at most once', async () => {
    world.slack.next('chat.postEphemeral', { kind: 'hang', after: true });
    await world.put('hello', { kind: 'ephemeral' });
    await until('the send is under way', () => world.slack.calls.length > 0, world.clock);
    await world.crash();
    await world.delivered();
    expect(world.slack.ephemerals).toHaveLength(2);
  });
});

describe('two bots on one database', () => {
  it('tell everything once and in order between them', async () => {
    world.join();
    await world.put('card', { kind: 'card' });
    for (let index = 0; index < 8; index += 1) await world.put(`step ${index}`);
    world.slack.next('chat.postMessage', { kind: 'drop', after: true });
    await world.delivered();
    expect(world.texts()).toEqual(['card', ...Array.from({ length: 8 }, (_, index) => `step ${index}`)]);
  });

  it('leave alone what the other one is sending', async () => {
    await world.close();
    world = await deliverWorld({ timeoutMs: 15_000 });
    world.slack.next('chat.postMessage', { kind: 'hang', after: false });
    await world.put('card', { kind: 'card' });
    await until('the send is under way', () => world.slack.calls.length > 0, world.clock);
    world.join();
    await world.clock.later(60_000);
    expect(world.slack.calls).toHaveLength(1);
  });
});
