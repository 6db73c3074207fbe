import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeContent } from '../../src/slack/content.ts';
import { message } from '../../src/templates/message.ts';
import { type DeliverWorld, deliverWorld } from '../support/slack/deliver-world.ts';
import { until } from '../support/slack/world.ts';

let world: DeliverWorld;
beforeEach(async () => {
  world = await deliverWorld({ timeoutMs: 5_000 });
});
afterEach(async () => {
  await world.close();
  expect(world.slack.violations).toEqual([]);
});

describe('when Slack refuses', () => {
  it.each(['not_in_channel', 'invalid_auth', 'missing_scope', 'token_revoked', 'channel_not_found', 'is_archived'])(
    'waits for an operator to mend %s and then tells everything',
    async (code) => {
      for (let index = 0; index < 6; index += 1) world.slack.next('chat.postMessage', { kind: 'error', code, after: false });
      await world.put('card', { kind: 'card' });
      await world.put('reply');
      await until('it has been refused', () => world.deliverer.health().retried === 6, world.clock, 5_000);
      expect(world.deliverer.health().trouble).toMatchObject([{ channel: 'C0OPS', code }]);
      await world.delivered();
      expect(world.texts()).toEqual(['card', 'reply']);
      expect(world.deliverer.health().trouble).toEqual([]);
    },
  );

  it('sends plain text when the blocks are refused', async () => {
    world.slack.next('chat.postMessage', { kind: 'error', code: 'invalid_blocks', after: false });
    await world.put('card', { kind: 'card' });
    await world.delivered();
    expect(world.messages()).toMatchObject([{ text: 'ℹ️ card', blocks: [] }]);
  });

  it.each(['msg_too_long', 'invalid_metadata_format'])('gives up one entry on %s, counts it and goes on', async (code) => {
    world.slack.next('chat.postMessage', { kind: 'error', code, after: false });
    await world.put('bad', { kind: 'card' });
    await world.put('good', { kind: 'card', request: 'd-2' });
    await world.delivered();
    expect(world.texts()).toEqual(['good']);
    expect(await world.outbox.depth()).toMatchObject({ failed: 1 });
    expect(world.log.lines.filter(({ level }) => level === 'error')).toMatchObject([{ facts: { key: 'bad', code } }]);
  });

  it('gives up a code that nobody knows after eight tries', async () => {
    for (let index = 0; index < 8; index += 1)
      world.slack.next('chat.postMessage', { kind: 'error', code: 'brand_new_code', after: false });
    await world.put('bad', { kind: 'card' });
    await world.put('good', { kind: 'card', request: 'd-2' });
    await world.delivered();
    expect(world.texts()).toEqual(['good']);
  });

  it('posts the card anew when somebody deleted it', async () => {
    await world.put('card', { kind: 'card' });
    await world.delivered();
    world.slack.channels.set('C0OPS', []);
    await world.put('newer', { kind: 'card' });
    await world.put('reply');
    await world.delivered();
    expect(world.texts()).toEqual(['newer', 'reply']);
    expect(world.messages()[1]?.thread).toBe(world.messages()[0]?.ts);
  });

  it.each(['thread_not_found', 'cannot_reply_to_message'] as const)(
    'posts a reply to the channel when its thread is gone, told as %s',
    async (goneThread) => {
      await world.close();
      world = await deliverWorld({ timeoutMs: 5_000, unverified: { goneThread } });
      await world.put('card', { kind: 'card' });
      await world.delivered();
      world.slack.channels.set('C0OPS', []);
      await world.put('breach');
      await world.delivered();
      expect(world.messages()).toMatchObject([{ text: 'ℹ️ breach', thread: null }]);
    },
  );

  it('sends an answer as a direct message where it cannot post an ephemeral', async () => {
    world.slack.channels.set('U0ALICE', []);
    world.slack.notIn.add('C0OPS');
    await world.put('answer', { kind: 'ephemeral', user: 'U0ALICE' });
    await world.delivered();
    expect(world.texts('U0ALICE')).toEqual(['answer']);
  });

  it('sends answers as direct messages no faster than one person may get them, from whichever channels they come', async () => {
    world.slack.channels.set('U0ALICE', []).set('C0TWO', []);
    for (const channel of ['C0OPS', 'C0TWO']) world.slack.notIn.add(channel);
    const to = { kind: 'ephemeral', user: 'U0ALICE' } as const;
    const entries = Array.from({ length: 16 }, (_, index) => {
      const content = writeContent(message('info', `answer ${index}`));
      return { key: `answer ${index}`, channel: index % 2 === 0 ? 'C0OPS' : 'C0TWO', to, content, at: world.clock.now() };
    });
    await world.outbox.enqueue(entries, null);
    await world.delivered();
    expect(world.texts('U0ALICE')).toHaveLength(16);
    expect(world.slack.limited).toEqual([]);
  });

  it('never writes a token or a page of HTML into the log', async () => {
    world.slack.next('chat.postMessage', { kind: 'html', after: false });
    world.slack.next('chat.postMessage', { kind: 'error', code: 'invalid_auth', after: false });
    await world.put('card', { kind: 'card' });
    await world.delivered();
    const log = JSON.stringify(world.log.lines);
    expect(log).not.toContain('hotel');
    expect(log).not.toContain('xoxb');
  });
});
