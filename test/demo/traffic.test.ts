import { createServer, type RequestListener, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { picture, startTraffic } from '../../demo/traffic.ts';
import { until } from '../../demo/until.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

async function serve(listener: RequestListener): Promise<string> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

it('posts a different picture each time, over kept connections', async () => {
  const bodies = new Set<string>();
  const sockets = new Set<unknown>();
  const url = await serve(async (request, response) => {
    sockets.add(request.socket);
    bodies.add((await buffer(request)).toString('base64'));
    response.end('{}');
  });
  const traffic = startTraffic({ url, perSecond: 100 });
  await until(async () => traffic.counts().answered >= 10, { what: 'ten answers', timeoutMs: 5_000 });
  const counts = await traffic.stop();
  expect(counts).toEqual({ sent: counts.sent, answered: counts.sent, failed: 0, skipped: 0, by: { 200: counts.sent } });
  expect(bodies.size).toBe(counts.sent);
  expect(sockets.size).toBeLessThan(counts.sent);
});

it('counts an answer 5xx and a broken connection as failed, and an answer 4xx not', async () => {
  let count = 0;
  const url = await serve((request, response) => {
    count += 1;
    if (count % 3 === 0) request.socket.destroy();
    else response.writeHead(count % 3 === 1 ? 503 : 400).end();
  });
  const traffic = startTraffic({ url, perSecond: 100 });
  await until(async () => traffic.counts().sent >= 9, { what: 'nine requests', timeoutMs: 5_000 });
  const { by, failed } = await traffic.stop();
  expect(by).toMatchObject({ 503: expect.any(Number), 400: expect.any(Number), ECONNRESET: expect.any(Number) });
  expect(failed).toBe((by[503] ?? 0) + (by['ECONNRESET'] ?? 0));
});

it('keeps at most 32 requests open and counts what it did not send', async () => {
  const open: (() => void)[] = [];
  const url = await serve((_request, response) => open.push(() => response.end()));
  const traffic = startTraffic({ url, perSecond: 500 });
  await until(async () => traffic.counts().skipped >= 3, { what: 'three left out', timeoutMs: 5_000 });
  expect(traffic.counts()).toMatchObject({ sent: 32, answered: 0 });
  const stopped = traffic.stop();
  await until(
    async () => {
      for (const end of open.splice(0)) end();
      return traffic.counts().answered === 32;
    },
    { what: 'all answers', timeoutMs: 5_000 },
  );
  expect(await stopped).toMatchObject({ sent: 32, answered: 32, failed: 0 });
});

it('makes pictures that the service takes', () => {
  const header = 'P5\n96 72\n255\n';
  expect(picture(1).toString('latin1', 0, header.length)).toBe(header);
  expect(picture(1).length).toBe(header.length + 96 * 72);
});
