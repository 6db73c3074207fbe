// What the public sees of a switch, with real services, a real proxy and real clients.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { readStartTime } from '../../src/host/processes.ts';
import { startLoad } from '../fixtures/service/load.ts';
import { getJson, makePlace, type Place, proxyPid, unsignaled } from '../fixtures/service/place.ts';
import { until } from './support/commands.ts';

async function twoVersions(changed: Parameters<typeof makePlace>[0] = {}): Promise<Place> {
  const place = await makePlace(changed);
  await place.traffic.ensure(place.environment);
  await place.bringUp('blue', 'v2.0.0');
  await place.traffic.switchTo(place.environment, 'blue');
  await place.bringUp('green', 'v2.1.0');
  return place;
}

test('drops no request at a switch under 60 requests a second', async () => {
  const { environment, slots, traffic } = await twoVersions();
  const url = `${traffic.publicUrl(environment)}/slow?ms=40`;
  const loads = [startLoad(url, { keepAlive: true, everyMs: 33 }), startLoad(url, { keepAlive: false, everyMs: 33 })];
  traffic.startProbe(environment, 'j-1');
  await until(() => loads.every((load) => load.sent() >= 45), 'some requests were answered before the switch');

  await traffic.switchTo(environment, 'green');
  const switchedAt = performance.now();
  expect(await traffic.drain(environment, 'blue', unsignaled())).toEqual({ left: 0 });
  await slots.stop(environment, 'blue');
  const stoppedAt = loads.map((load) => load.sent());
  await until(() => loads.every((load, index) => load.sent() >= (stoppedAt[index] ?? 0) + 45), 'some requests were answered after it');

  const results = await Promise.all(loads.map((load) => load.end()));
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  for (const { answers } of results) {
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['v2.0.0', 'v2.1.0']));
    expect(answers.filter(({ sentAt, version }) => sentAt >= switchedAt && version !== 'v2.1.0')).toEqual([]);
  }
  expect(results[0]?.connections).toBeLessThanOrEqual(4);
  const probe = await traffic.stopProbe('j-1');
  expect(probe).toMatchObject({ failed: 0, firstFailure: null });
  expect(probe?.total).toBeGreaterThan(10);
  expect(await traffic.version(environment)).toBe('v2.1.0');
});

test('keeps the connection of a client open across a switch and sends its next request to the new slot', async () => {
  const { environment, traffic } = await twoVersions();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = () => askOver(agent, `${traffic.publicUrl(environment)}/version`);
  const before = await ask();
  await traffic.switchTo(environment, 'green');
  const after = await ask();
  expect([before.body, after.body]).toEqual(['{"version":"v2.0.0"}', '{"version":"v2.1.0"}']);
  expect(after.localPort).toBe(before.localPort);
});

test('lets a slow request finish where it began, and counts it while it drains', async () => {
  const { environment, traffic } = await twoVersions({ service: { drain: 100 } });
  const slow = getJson(`${traffic.publicUrl(environment)}/slow?ms=800`);
  await until(async () => (await traffic.drain(environment, 'blue', unsignaled())).left === 1, 'the request is open');
  await traffic.switchTo(environment, 'green');
  expect(await traffic.drain(environment, 'blue', unsignaled())).toEqual({ left: 1 });
  expect(await traffic.version(environment)).toBe('v2.1.0');
  expect(await slow).toEqual({ version: 'v2.0.0' });
  expect(await traffic.drain(environment, 'blue', unsignaled())).toEqual({ left: 0 });
});

test('stops draining when it is canceled', async () => {
  const { environment, traffic } = await twoVersions({ service: { drain: 60_000 } });
  const slow = getJson(`${traffic.publicUrl(environment)}/slow?ms=1000`);
  const gaveUp = new AbortController();
  const draining = traffic.drain(environment, 'blue', gaveUp.signal);
  await until(async () => (await traffic.active(environment)) === 'blue', 'the proxy answered');
  gaveUp.abort();
  await draining;
  await slow;
});

test('leaves a WebSocket with the old slot until the service closes it', async () => {
  const place = await twoVersions({ service: { drain: 200 } });
  const { environment, traffic, slots } = place;
  const ws = `${traffic.publicUrl(environment).replace('http', 'ws')}/ws`;
  const old = await openSocket(ws);
  expect(await say(old, 'one')).toBe('v2.0.0:one');
  await traffic.switchTo(environment, 'green');
  expect(await say(old, 'two')).toBe('v2.0.0:two');
  const fresh = await openSocket(ws);
  expect(await say(fresh, 'three')).toBe('v2.1.0:three');

  expect(await traffic.drain(environment, 'blue', unsignaled())).toEqual({ left: 1 });
  const closed = once(old, 'close');
  await slots.stop(environment, 'blue');
  expect((await closed)[0]).toBe(1001);
  await until(async () => (await traffic.drain(environment, 'blue', unsignaled())).left === 0, 'the socket is counted out');
  expect(await say(fresh, 'four')).toBe('v2.1.0:four');
});

test('passes large and streaming bodies both ways', async () => {
  const { environment, traffic } = await twoVersions();
  const base = traffic.publicUrl(environment);
  const body = randomBytes(20_000_000);
  const sum = await send(`${base}/sum`, 'POST', body);
  expect(JSON.parse(sum.toString())).toEqual({ bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') });
  expect((await send(`${base}/echo`, 'PUT', body)).equals(body)).toBe(true);
  const asked = await send(`${base}/echo`, 'PUT', Buffer.from('hello'), { expect: '100-continue' });
  expect(asked.toString()).toBe('hello');
  expect((await send(`${base}/stream?chunks=200`, 'GET', null)).length).toBe(200 * 64 * 1024);
});

test('holds a fast service back while the client reads slowly', async () => {
  const place = await twoVersions();
  const { environment, traffic } = place;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${traffic.publicUrl(environment)}/stream?chunks=2400`, { agent: false }, resolve).on('error', reject);
  });
  response.pause();
  const pid = await proxyPid(place);
  let before = -1;
  // Nothing is moved any more: its memory is the same twice in a row.
  const isParked = (): boolean => {
    const now = memoryOf(pid);
    const isSame = now === before;
    before = now;
    return isSame;
  };
  await until(isParked, 'the proxy has taken what it takes');
  expect(memoryOf(pid)).toBeLessThan(140);
  let bytes = 0;
  for await (const chunk of response) bytes += Buffer.from(chunk).length;
  expect(bytes).toBe(2_400 * 64 * 1024);
});

test('tells the service who asked, and passes no header of the hop on', async () => {
  const { environment, traffic } = await twoVersions();
  const response = await askOver(false, `${traffic.publicUrl(environment)}/headers`, {
    'x-forwarded-for': '203.0.113.9',
    'x-secret-hop': 'yes',
    connection: 'keep-alive, x-secret-hop',
    host: 'dhash.example.com',
  });
  const headers = JSON.parse(response.body);
  expect(headers).toMatchObject({
    host: 'dhash.example.com',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'dhash.example.com',
  });
  expect(headers).not.toHaveProperty('x-secret-hop');
});

test('answers an offer to upgrade to HTTP/2 as an ordinary request', async () => {
  const { environment, traffic } = await twoVersions();
  const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
  const response = await askOver(false, `${traffic.publicUrl(environment)}/version`, h2c);
  expect(response).toMatchObject({ status: 200, body: '{"version":"v2.0.0"}' });
});

test('ends the request to the service when the client leaves', async () => {
  const { environment, traffic } = await twoVersions();
  const base = traffic.publicUrl(environment);
  const hanging = request(`${base}/hang`, { agent: false });
  hanging.on('error', () => {});
  hanging.end();
  await until(
    async () => (await traffic.drain({ ...environment, service: { ...environment.service, drain: 1 } }, 'blue', unsignaled())).left === 1,
    'it is open',
  );
  hanging.destroy();
  await until(async () => (await getJson(`${base}/aborted`))['aborted'] === 1, 'the service saw it end');
});

test('cuts the answer off when the service breaks in the middle of it', async () => {
  const { environment, traffic } = await twoVersions();
  await expect(send(`${traffic.publicUrl(environment)}/break`, 'GET', null)).rejects.toThrow('aborted');
  expect(await traffic.version(environment)).toBe('v2.0.0');
});

test('answers 502 with the slot when its service is gone, and never asks the other slot', async () => {
  const { environment, traffic, slots } = await twoVersions();
  await slots.stop(environment, 'blue');
  const base = traffic.publicUrl(environment);
  expect(await askOver(false, `${base}/version`)).toMatchObject({
    status: 502,
    body: '{"error":"bad-gateway","slot":"blue","code":"ECONNREFUSED"}\n',
  });
  expect(await traffic.version(environment)).toBeNull();
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`);
  const [error] = await once(socket, 'error');
  expect(String(error)).toContain('502');

  traffic.startProbe(environment, 'j-2');
  await until(() => (traffic.readProbe('j-2')?.total ?? 0) >= 3, 'the prober asked');
  const probe = await traffic.stopProbe('j-2');
  expect(probe?.failed).toBe(probe?.total);
  expect(probe?.firstFailure).toMatch(/^status 502 after 0 of \d+$/);
});

test('answers 503 before any slot is active', async () => {
  const { environment, traffic } = await makePlace();
  await traffic.ensure(environment);
  expect(await traffic.active(environment)).toBeNull();
  expect(await askOver(false, `${traffic.publicUrl(environment)}/version`)).toMatchObject({
    status: 503,
    body: '{"error":"no-active-slot"}\n',
  });
});

test('survives clients that talk nonsense or leave in the middle', async () => {
  const place = await twoVersions();
  const { environment, traffic } = place;
  const pid = await proxyPid(place);
  for (const words of ['nonsense\r\n\r\n', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', WS_HALF]) {
    const socket = connect(environment.proxy.listen, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(words);
    socket.destroySoon();
    await once(socket, 'close');
  }
  expect(await traffic.version(environment)).toBe('v2.0.0');
  expect(await proxyPid(place)).toBe(pid);
  expect(readStartTime(pid)).not.toBeNull();
  await until(async () => (await traffic.drain(environment, 'blue', unsignaled())).left === 0, 'nothing of them is left open');
});

test('asks a public port on every address through the loopback one', async () => {
  const { environment, traffic } = await makePlace();
  const listening = (host: string) => ({ ...environment, proxy: { kind: 'builtin', listen: 80, host } as const });
  expect(['0.0.0.0', '::', '10.0.0.7', '::1'].map((host) => traffic.publicUrl(listening(host)))).toEqual([
    'http://127.0.0.1:80',
    'http://[::1]:80',
    'http://10.0.0.7:80',
    'http://[::1]:80',
  ]);
});

test('sees no version when something else answers on the public port', async () => {
  const { environment, traffic } = await makePlace();
  const stranger = createServer((_request, response) => response.end('<h1>hello</h1>')).listen(environment.proxy.listen, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  expect(await traffic.version(environment)).toBeNull();
});

const WS_HALF =
  'GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function askOver(agent: Agent | false, url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, resolve).on('error', reject);
  });
  const localPort = response.socket.localPort;
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, body, localPort };
}

function send(url: string, method: string, body: Buffer | null, headers: Record<string, string> = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body ?? undefined);
  });
}

async function openSocket(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

async function say(socket: WebSocket, text: string): Promise<string> {
  const heard = once(socket, 'message');
  socket.send(text);
  return String((await heard)[0]);
}

/** Resident memory in MB. */
function memoryOf(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return Math.round((pages * 4_096) / 1_000_000);
}
