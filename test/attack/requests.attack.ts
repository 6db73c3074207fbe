// 10,000 requests that must do nothing, slow ones and huge ones among them: no effect, flat memory, and a bot that still answers.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { heldBytes } from '../support/held.ts';
import { formBody, post, slashCommand } from '../support/slack/sender.ts';
import { type Besieged, besiege } from './besieged.ts';
import { attacks, raw, unheard } from './requests.ts';

let besieged: Besieged;
beforeEach(async () => {
  besieged = await besiege();
});
afterEach(() => besieged.close());

const MB = 1_048_576;

function held(): { readonly heapMb: number; readonly rssMb: number } {
  // What the tests themselves keep is not the bot's.
  besieged.surface.log.lines.length = 0;
  besieged.surface.fake.calls.length = 0;
  besieged.surface.asked.length = 0;
  besieged.surface.fake.ephemerals.length = 0;
  return { heapMb: heldBytes() / MB, rssMb: process.memoryUsage.rss() / MB };
}

async function answers(): Promise<void> {
  const response = await post(besieged.surface.port, formBody(slashCommand({ text: 'status' })), besieged.surface.clock.now());
  expect(response.status).toBe(200);
}

it('10,000 generated requests of every family have no effect and leave memory flat', async () => {
  const { surface } = besieged;
  await besieged.send(attacks(2_000, surface.clock.now(), 1));
  await besieged.expectNoEffect();
  const before = held();
  for (let round = 2; round <= 11; round += 1) {
    await besieged.send(attacks(1_000, surface.clock.now(), round));
    await besieged.expectNoEffect();
  }
  const after = held();
  const told = `heap ${before.heapMb.toFixed(1)} to ${after.heapMb.toFixed(1)} MB, RSS ${before.rssMb.toFixed(0)} to ${after.rssMb.toFixed(0)} MB`;
  process.stdout.write(`12,000 requests: ${told}
`);
  expect(after.heapMb - before.heapMb).toBeLessThan(15);
  await answers();
});

it('bodies over a megabyte, told or not, and headers over 16 kB are cut off', async () => {
  const { port } = besieged.surface;
  const head = 'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const before = held();
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  for (let round = 0; round < 100; round += 1) {
    const heard = await Promise.all([
      raw(port, [`${head}content-length: 3000000000\r\n\r\n`, 'x'], 5_000),
      raw(port, [`${head}transfer-encoding: chunked\r\n\r\n`, ...Array.from({ length: 40 }, () => chunk)], 5_000),
      raw(port, [`${head}x-long: ${'y'.repeat(20_000)}\r\n\r\n`], 5_000),
    ]);
    expect(heard.map((answer) => answer.split(' ')[1])).toEqual(['413', '413', '431']);
  }
  expect(held().heapMb - before.heapMb).toBeLessThan(15);
  await besieged.expectNoEffect();
  await answers();
});

it('kinds of payload that the bot does not know are not acked and do nothing', async () => {
  const statuses = await besieged.send(unheard(160, besieged.surface.clock.now()));
  for (const status of statuses) expect(status).toBeGreaterThanOrEqual(400);
  await besieged.expectNoEffect();
  await answers();
});

it('bytes that are no HTTP, smuggled lengths and broken chunks are turned away', async () => {
  const { port } = besieged.surface;
  const lines = [
    '\u0000\u0001\u0002\r\n\r\n',
    'GET\r\n\r\n',
    'POST /slack/events HTTP/9.9\r\n\r\n',
    'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
    'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'POST /slack/events HTTP/1.1\r\nbad header\r\n\r\n',
    'POST http://[::1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ];
  for (let round = 0; round < 50; round += 1) {
    const heard = await Promise.all(lines.map((line) => raw(port, [line], 12_000)));
    for (const answer of heard) expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d /);
  }
  await besieged.expectNoEffect();
  await answers();
});

it('300 connections that dribble are closed within fifteen seconds, and nobody waits behind them', async () => {
  const { port } = besieged.surface;
  const begun = performance.now();
  const head = 'POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  const slow = Array.from({ length: 300 }, (_, index) =>
    raw(port, index % 2 === 0 ? ['POST /slack/ev'] : [`${head}content-length: 1000\r\n\r\n{`], 30_000),
  );
  for (let tries = 0; tries < 20; tries += 1) await answers();
  const heard = await Promise.all(slow);
  expect(performance.now() - begun).toBeLessThan(15_000);
  for (const answer of heard) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
  expect(await besieged.bot.store.requests({})).toEqual([]);
});
