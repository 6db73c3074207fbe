import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { describePhases } from '../../src/core/phases.ts';
import { createHttp } from '../../src/host/http.ts';
import { isLeftOut } from '../support/tools.ts';
import { freshFolder } from './support/commands.ts';

const http = createHttp();

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(listener))}`;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A listening server's address is an object with its port.
  const { port } = server.address() as AddressInfo;
  return port;
}

test('answers status and body, each time on a new connection', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(503).end(`${request.method} ${request.url} ünïcode`);
  });
  for (let round = 0; round < 3; round += 1) {
    expect(await http.get(`${url}/health?x=1`, { timeoutMs: 5_000 })).toMatchObject({
      kind: 'answered',
      status: 503,
      body: 'GET /health?x=1 ünïcode',
    });
  }
  expect(ports.size).toBe(3);
});

test.skipIf(isLeftOut('openssl'))('times the TLS handshake of a server it trusts, and does not talk to one it does not', async () => {
  const folder = freshFolder();
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const pem = readFileSync(cert, 'utf8');
  const port = await listening(createTlsServer({ key: readFileSync(key), cert: pem }, (_request, response) => response.end('ok')));
  const ask = () => http.get(`https://localhost:${port}/`, { timeoutMs: 20_000 });
  expect(await ask()).toMatchObject({ kind: 'failed', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });

  const usual = getCACertificates('default');
  setDefaultCACertificates([...usual, pem]);
  onTestFinished(() => setDefaultCACertificates(usual));
  const answer = await ask();
  expect(answer).toMatchObject({ kind: 'answered', body: 'ok' });
  const { dnsMs, connectMs, tlsMs, firstByteMs } = answer.phases ?? {};
  for (const took of [dnsMs, connectMs, tlsMs, firstByteMs]) expect(took).toEqual(expect.any(Number));
  expect(tlsMs).toBeGreaterThan(0);
  expect(describePhases(answer)).toMatch(/DNS .*, connect .*, TLS .*, first byte .*, total /);
});

test('does not follow a redirect', async () => {
  const url = await serve((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  expect(await http.get(url, { timeoutMs: 5_000 })).toMatchObject({ kind: 'answered', status: 302 });
});

test('fails when nothing listens, the address is none, or the name has no address', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  expect(await http.get(`http://127.0.0.1:${port}`, { timeoutMs: 5_000 })).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
  for (const bad of ['', 'health', 'ftp://127.0.0.1/', 'file:///etc/passwd']) {
    expect(await http.get(bad, { timeoutMs: 5_000 })).toMatchObject({ kind: 'failed', code: 'bad-url' });
  }
});

test.for([
  ['never answers', () => {}],
  [
    'never ends its answer',
    (_request, response) => {
      response.write('half');
    },
  ],
] as [string, RequestListener][])('gives up in time on a server that %s', async ([, listener]) => {
  const url = await serve(listener);
  const answer = await http.get(url, { timeoutMs: 100 });
  expect(answer).toMatchObject({ kind: 'failed', code: 'timeout', detail: 'no complete answer within 100 ms' });
  expect(answer.ms).toBeGreaterThanOrEqual(95);
});

test('fails on a body that is larger than the limit, and not on one that fills it', async () => {
  const url = await serve((_request, response) => response.end('x'.repeat(100)));
  expect(await http.get(url, { timeoutMs: 5_000, maxBytes: 99 })).toMatchObject({ kind: 'failed', code: 'too-large' });
  expect(await http.get(url, { timeoutMs: 5_000, maxBytes: 100 })).toMatchObject({ kind: 'answered' });
});

test('fails when the connection breaks in the middle', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  const answer = await http.get(url, { timeoutMs: 5_000 });
  expect(answer.kind).toBe('failed');
});

test('stops when it is aborted', async () => {
  const stop = new AbortController();
  const url = await serve(() => stop.abort());
  expect(await http.get(url, { timeoutMs: 5_000, signal: stop.signal })).toMatchObject({ kind: 'failed', code: 'aborted' });
  expect(await http.get(url, { timeoutMs: 5_000, signal: stop.signal })).toMatchObject({ kind: 'failed', code: 'aborted' });
});

test('tells the phases: a name is looked up, an address is not, and the wait for the first byte is the server at work', async () => {
  const url = await serve((_request, response) => response.end('ok'));
  const byAddress = await http.get(url, { timeoutMs: 5_000 });
  expect(byAddress.phases).toEqual({ dnsMs: null, connectMs: expect.any(Number), tlsMs: null, firstByteMs: expect.any(Number) });
  const byName = await http.get(url.replace('127.0.0.1', 'localhost'), { timeoutMs: 5_000 });
  expect(byName.phases).toMatchObject({ dnsMs: expect.any(Number), tlsMs: null });
});

test('tells how far a request came that got no answer', async () => {
  const url = await serve(() => {});
  expect((await http.get(url, { timeoutMs: 100 })).phases).toMatchObject({ connectMs: expect.any(Number), firstByteMs: null });
});
