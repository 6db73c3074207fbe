import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createHttpEdge, SLACK_PATH } from '../../src/slack/http.ts';
import { createRefusals } from '../../src/slack/refusals.ts';
import { testClock } from '../support/clock.ts';
import { keptLog, until } from '../support/slack/world.ts';

function place() {
  const [clock, log] = [testClock(), keptLog()];
  const refusals = createRefusals({ clock, log });
  const add = (reason: string, detail = 'x') => refusals.add({ reason, detail, status: 401 });
  return { clock, log, add, close: refusals.close };
}

test('the first refusal of a kind is told at once, the others of a minute are counted', async () => {
  const { clock, log, add } = place();
  add('signature', 'first');
  for (let n = 0; n < 10_000; n += 1) add('signature', `later ${n}`);
  add('stale');
  expect(log.lines.map(({ facts }) => [facts['reason'], facts['detail']])).toEqual([
    ['signature', 'first'],
    ['stale', 'x'],
  ]);
  await clock.later(60_000);
  expect(log.lines.slice(2).map(({ facts }) => facts)).toEqual([
    { code: 'requests-refused', reason: 'signature', more: 10_000, withinMs: 60_000 },
  ]);
});

test('after a quiet minute the next one is told at once again', async () => {
  const { clock, log, add } = place();
  add('signature');
  await clock.later(60_000);
  add('signature', 'next');
  expect(log.lines.map(({ facts }) => facts['detail'])).toEqual(['x', 'next']);
});

test('an hour of an attack is two lines a minute and kind', async () => {
  const { clock, log, add } = place();
  for (let second = 0; second < 3_600; second += 1) {
    for (let n = 0; n < 20; n += 1) add('signature');
    await clock.later(1_000);
  }
  expect(log.lines.length).toBeLessThanOrEqual(120);
  const counted = log.lines.reduce((sum, { facts }) => sum + Number(facts['more'] ?? 1), 0);
  expect(counted).toBe(72_000);
});

test('what was counted is told when the bot stops', async () => {
  const { clock, log, add, close } = place();
  add('signature');
  add('signature');
  close();
  await clock.later(0);
  expect(log.lines.at(-1)?.facts).toMatchObject({ more: 1 });
});

test('requests that break off in their middle are counted like the others, and are no error of the bot', async () => {
  const [clock, log] = [testClock(), keptLog()];
  const slack = { signingSecret: 'x', judge: () => ({ kind: 'ours' }) as const, forward: () => {} };
  const edge = createHttpEdge({ host: '127.0.0.1', port: 0, routes: {}, slack, clock, log });
  const port = await edge.start();
  const half = `POST ${SLACK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
  const rounds = 3;
  for (let n = 0; n < rounds; n += 1) {
    const socket = connect(port, '127.0.0.1', () => socket.end(half));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  await until('the first is told', () => log.lines.length > 0);
  await edge.stop(1_000);
  await until('the others are counted', () => log.lines.length === 2);
  expect(log.lines.map(({ facts }) => [facts['reason'], facts['more']])).toEqual([
    ['broken-off', undefined],
    ['broken-off', rounds - 1],
  ]);
});
