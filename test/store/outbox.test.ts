import { describe, expect, it } from 'vitest';
import type { Destination, NewOutboxEntry, Outbox } from '../../src/core/mailbox.ts';
import { freshPath, opened } from './place.ts';

function entry(key: string, to: Destination, channel = 'C1'): NewOutboxEntry {
  return { key, channel, to, content: { title: key }, at: 1_000 };
}
const card = (key: string, request = 'd-1') => entry(key, { kind: 'card', request });
const thread = (key: string, request = 'd-1') => entry(key, { kind: 'thread', request, broadcast: false });

/** Begins the head of C1 and says it was sent; answers its key and content's title. */
async function deliver(outbox: Outbox, ts: string | null = '1.0'): Promise<string | null> {
  const head = await outbox.head('C1');
  if (head === null) return null;
  expect(await outbox.begin(head.id, 'me', 10_000)).toBe(true);
  await outbox.sent(head.id, ts);
  return `${head.key}:${JSON.stringify(head.content)}`;
}

async function begun(outbox: Outbox, owner = 'me'): Promise<number> {
  const head = await outbox.head('C1');
  expect(await outbox.begin(head?.id ?? 0, owner, 10_000)).toBe(true);
  return head?.id ?? 0;
}

describe('the outbox queue', () => {
  it('tells each key once, whatever its content, in the order it was given', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a'), thread('b'), { ...thread('a'), content: 'other' }], null);
    await deliver(outbox);
    await outbox.enqueue([thread('a'), thread('c')], null);
    expect([await deliver(outbox), await deliver(outbox), await deliver(outbox)]).toEqual(['b:{"title":"b"}', 'c:{"title":"c"}', null]);
  });

  it('keeps channels apart', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a'), entry('b', { kind: 'ephemeral', user: 'U1' }, 'C2')], null);
    expect(await outbox.channels()).toEqual(['C1', 'C2']);
    await begun(outbox);
    const other = await outbox.head('C2');
    expect(other).toMatchObject({ key: 'b', to: { kind: 'ephemeral', user: 'U1' }, state: 'pending', attempts: 0, owner: null });
    expect(await outbox.begin(other?.id ?? 0, 'you', 10_000)).toBe(true);
  });

  it('moves the cursor with the entries, or writes neither', async () => {
    const { outbox } = opened(':memory:');
    expect(await outbox.cursor('slack')).toBe(0);
    expect(await outbox.enqueue([thread('a')], { name: 'slack', from: 0, to: 5 })).toBe('queued');
    expect(await outbox.enqueue([thread('b')], { name: 'slack', from: 0, to: 6 })).toBe('stale');
    expect(await outbox.cursor('slack')).toBe(5);
    expect(await outbox.enqueue([], { name: 'slack', from: 5, to: 9 })).toBe('queued');
    expect(await outbox.depth()).toEqual({ waiting: 1, failed: 0, oldestAt: 1_000 });
  });
});

describe('updates of one card', () => {
  it('become one, in the place and under the id and key of the first', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([card('1'), thread('t'), card('2'), card('x', 'd-2'), card('3')], null);
    await outbox.enqueue([card('2'), card('1')], null);
    expect(await outbox.head('C1')).toMatchObject({ id: 1, key: '1', content: { title: '3' } });
    expect([await deliver(outbox), await deliver(outbox), await deliver(outbox), await deliver(outbox)]).toEqual([
      '1:{"title":"3"}',
      't:{"title":"t"}',
      'x:{"title":"x"}',
      null,
    ]);
  });

  it('never touch one that is being sent', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([card('1'), thread('t')], null);
    const id = await begun(outbox);
    await outbox.enqueue([card('2')], null);
    expect(await outbox.head('C1')).toMatchObject({ id, state: 'sending', content: { title: '1' } });
    await outbox.sent(id, '7.0');
    expect([await deliver(outbox), await deliver(outbox)]).toEqual(['t:{"title":"t"}', '2:{"title":"2"}']);
  });

  it('go into the older one when that comes back undelivered, so that the newest is told last', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([card('1'), thread('t')], null);
    const id = await begun(outbox);
    await outbox.enqueue([card('2')], null);
    await outbox.retry(id, 0, 'rate limited');
    expect(await outbox.head('C1')).toMatchObject({ id, key: '1', content: { title: '2' }, state: 'pending', error: 'rate limited' });
    await outbox.enqueue([card('3'), card('2')], null);
    expect([await deliver(outbox), await deliver(outbox), await deliver(outbox)]).toEqual(['1:{"title":"3"}', 't:{"title":"t"}', null]);
  });

  it('stand in for one that was given up, still before the thread', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([card('1'), thread('t')], null);
    const id = await begun(outbox);
    await outbox.enqueue([card('2')], null);
    await outbox.fail(id, 'invalid_blocks');
    expect([await deliver(outbox), await deliver(outbox)]).toEqual(['2:{"title":"2"}', 't:{"title":"t"}']);
    expect(await outbox.depth()).toEqual({ waiting: 0, failed: 1, oldestAt: null });
  });

  it('remember where the card was posted', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([card('1'), thread('t')], null);
    expect(await outbox.card('d-1')).toBeNull();
    await deliver(outbox, '11.5');
    await deliver(outbox, '12.5');
    expect(await outbox.card('d-1')).toEqual({ channel: 'C1', ts: '11.5' });
    await outbox.enqueue([card('2')], null);
    await deliver(outbox, null);
    expect(await outbox.card('d-1')).toEqual({ channel: 'C1', ts: '11.5' });
  });
});

describe('delivery', () => {
  it('is by one process per channel at a time, from the head on', async () => {
    const path = freshPath();
    const [a, b] = [opened(path).outbox, opened(path).outbox];
    await a.enqueue([thread('a'), thread('b')], null);
    expect(await b.begin(2, 'b', 10_000)).toBe(false);
    expect([await a.begin(1, 'a', 10_000), await b.begin(1, 'b', 10_000), await b.begin(2, 'b', 10_000)]).toEqual([true, false, false]);
    expect(await b.head('C1')).toMatchObject({ id: 1, state: 'sending', owner: 'a', attempts: 1 });
    await a.sent(1, '1.0');
    expect(await b.begin(2, 'b', 10_000)).toBe(true);
  });

  it('takes an entry over from an owner that died, once, without counting an attempt', async () => {
    const path = freshPath();
    const [a, b] = [opened(path).outbox, opened(path).outbox];
    await a.enqueue([thread('a')], null);
    await a.begin(1, 'dead', 10_000);
    expect([
      await a.begin(1, 'a', 10_000),
      await a.begin(1, 'a', 10_000, 'another'),
      await a.begin(1, 'a', 10_000, 'dead'),
      await b.begin(1, 'b', 10_000, 'dead'),
    ]).toEqual([false, false, true, false]);
    expect(await b.head('C1')).toMatchObject({ owner: 'a', attempts: 1, state: 'sending' });
  });

  it('waits for notBefore', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a')], null);
    const id = await begun(outbox);
    await outbox.retry(id, 20_000, 'later');
    expect([await outbox.begin(id, 'me', 19_999), await outbox.begin(id, 'me', 20_000)]).toEqual([false, true]);
    expect(await outbox.head('C1')).toMatchObject({ attempts: 2, notBefore: 20_000 });
  });

  it('keeps an ambiguous send in front until it is looked up', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a'), thread('b')], null);
    const id = await begun(outbox);
    await outbox.ambiguous(id, 30_000, 'timed out');
    expect(await outbox.head('C1')).toMatchObject({ id, state: 'sending', owner: 'me', notBefore: 30_000, error: 'timed out' });
    expect(await outbox.begin(2, 'me', 10_000)).toBe(false);
    await outbox.sent(id, '3.0');
    await outbox.sent(id, '3.0');
    expect((await outbox.head('C1'))?.key).toBe('b');
  });

  it('refuses an end told by somebody who does not deliver the entry', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a')], null);
    const outOfTurn = { code: 'outbox-out-of-turn' };
    await expect(outbox.sent(1, '1.0')).rejects.toMatchObject(outOfTurn);
    await expect(outbox.ambiguous(1, 0, 'x')).rejects.toMatchObject(outOfTurn);
    await expect(outbox.sent(99, null)).rejects.toMatchObject(outOfTurn);
    await deliver(outbox);
    await expect(outbox.retry(1, 0, 'x')).rejects.toMatchObject(outOfTurn);
    await expect(outbox.fail(1, 'x')).rejects.toMatchObject(outOfTurn);
    expect(await outbox.depth()).toEqual({ waiting: 0, failed: 0, oldestAt: null });
  });

  it('gives an entry up without having begun it', async () => {
    const { outbox } = opened(':memory:');
    await outbox.enqueue([thread('a'), thread('b')], null);
    await outbox.fail(1, 'cannot be laid out');
    expect((await outbox.head('C1'))?.key).toBe('b');
  });
});
