// A chart on its way into the thread: in its turn, shown once whatever happens to the network or to the bot, and never in the way of the words.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeUpload } from '../../src/slack/send-chart.ts';
import { type DeliverWorld, deliverWorld, PNG } from '../support/slack/deliver-world.ts';
import type { Mishap } from '../support/slack/strict-slack.ts';
import { until } from '../support/slack/world.ts';

let world: DeliverWorld;
beforeEach(async () => {
  world = await deliverWorld();
  await world.put('card', { kind: 'card' });
});
afterEach(async () => {
  await world.close();
  expect(world.slack.violations).toEqual([]);
});

const UPLOAD = {
  filename: 'd-1-7.png',
  title: 'v2.1.0: T+30m',
  alt: 'Charts of v2.1.0 in production: response time 40 to 45 ms.',
  chart: { title: 'v2.1.0 in production', from: 0, until: 1, panels: [], marks: [] },
};

async function putChart(key = 'chart-1'): Promise<void> {
  const content = writeUpload(UPLOAD);
  await world.outbox.enqueue([{ key, channel: 'C0OPS', to: { kind: 'chart', request: 'd-1' }, content, at: world.clock.now() }], null);
}

const pictures = () => world.messages().filter(({ files }) => files !== undefined);
const calls = (method: string) => world.slack.calls.filter((call) => call.method === method).length;
const COMPLETE = 'files.completeUploadExternal';

describe('the ordinary case', () => {
  it('comes into the thread in its turn, with its bytes, its title and its alt text', async () => {
    await world.put('before');
    await putChart();
    await world.put('after');
    await world.delivered();
    const [card, before, picture, after] = world.messages();
    expect([before?.key, picture?.files, after?.key]).toEqual(['before', [{ id: 'F1', title: UPLOAD.title }], 'after']);
    expect(picture?.thread).toBe(card?.ts);
    expect(world.slack.uploads.get('F1')).toMatchObject({ filename: UPLOAD.filename, alt: UPLOAD.alt, bytes: PNG });
  });

  it('may be the log of a step that failed', async () => {
    const content = writeUpload({
      filename: 'd-1-build.log',
      title: 'Everything that "build" printed',
      alt: 'The log.',
      log: '=== build\nno\n',
    });
    await world.outbox.enqueue(
      [{ key: 'log-1', channel: 'C0OPS', to: { kind: 'chart', request: 'd-1' }, content, at: world.clock.now() }],
      null,
    );
    await world.delivered();
    expect(Buffer.from(world.slack.uploads.get('F1')?.bytes ?? []).toString()).toBe('=== build\nno\n');
  });

  it('is put into the queue twice and shown once', async () => {
    await putChart();
    await putChart();
    await world.delivered();
    expect(pictures()).toHaveLength(1);
  });
});

describe('an answer that is lost', () => {
  const lost: readonly (readonly [string, Mishap])[] = [
    ['dropped', { kind: 'drop', after: true }],
    ['an HTML page', { kind: 'html', after: true }],
    ['a 503', { kind: 'status', status: 503, after: true }],
  ];

  it.each(lost)('to the completion (%s): the thread is asked, and the one picture stays one', async (_name, mishap) => {
    world.slack.next(COMPLETE, mishap);
    await putChart();
    await world.put('after');
    await world.delivered();
    expect(pictures()).toHaveLength(1);
    expect(calls(COMPLETE)).toBe(1);
    expect(world.deliverer.health()).toMatchObject({ ambiguous: 1, failed: 0 });
  });

  it('to a completion that never arrived: it is not made again; the picture is counted as failed, and the words go on', async () => {
    world.slack.next(COMPLETE, { kind: 'drop', after: false });
    await putChart();
    await world.put('after');
    await world.delivered();
    expect(pictures()).toEqual([]);
    expect(calls(COMPLETE)).toBe(1);
    expect(world.texts()).toContain('after');
    expect(world.deliverer.health().failed).toBe(1);
  });

  it.each(['files.getUploadURLExternal', 'upload'])('to %s: nothing shows of that, so it is made again', async (method) => {
    world.slack.next(method, { kind: 'drop', after: true });
    await putChart();
    await world.delivered();
    expect(pictures()).toHaveLength(1);
    expect(calls(COMPLETE)).toBe(1);
  });

  it('because the bot died while it was completed: the next one looks, and does not show it again', async () => {
    world.slack.next(COMPLETE, { kind: 'hang', after: true });
    await putChart();
    await until('the completion is under way', () => calls(COMPLETE) === 1, world.clock);
    await world.crash();
    await world.delivered();
    expect(pictures()).toHaveLength(1);
    expect(calls(COMPLETE)).toBe(1);
  });
});

describe('a workspace that takes no files', () => {
  it('without the scope files:write it is told once, however many charts there are, and the story goes on in words', async () => {
    world.slack.scopes.delete('files:write');
    await putChart('chart-1');
    await world.put('words');
    await putChart('chart-2');
    await world.delivered();
    const told = world.messages().filter(({ text }) => text.includes('Charts cannot be uploaded'));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain('files:write');
    expect(world.texts()).toContain('words');
    expect(pictures()).toEqual([]);
  });

  it('where the place for files cannot be reached the picture is given up after five tries', async () => {
    for (let time = 0; time < 9; time += 1) world.slack.next('upload', { kind: 'status', status: 500, after: false });
    await putChart();
    await world.put('words');
    await world.delivered();
    expect(calls('upload')).toBe(5);
    expect(world.texts()).toContain('words');
  });

  it('over the rate limit it waits as long as Slack says', async () => {
    world.slack.next('files.getUploadURLExternal', { kind: 'limited', retryAfter: '30' });
    const from = world.clock.now();
    await putChart();
    await world.delivered();
    expect(pictures()).toHaveLength(1);
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(30_000);
  });
});

it('what is no chart is given up, and the queue goes on', async () => {
  await world.outbox.enqueue(
    [{ key: 'odd', channel: 'C0OPS', to: { kind: 'chart', request: 'd-1' }, content: { no: 'chart' }, at: world.clock.now() }],
    null,
  );
  await world.put('words');
  await world.delivered();
  expect(world.texts()).toContain('words');
  expect(world.deliverer.health().failed).toBe(1);
});
