// The public listener: each request goes to the slot that is active when it starts, and stays there to its end.

import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import type { Log } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import { addForwarded, stripHop } from './proxy-headers.ts';
import type { Routes } from './proxy-routes.ts';
import type { Tally } from './proxy-tally.ts';

export interface Front {
  readonly server: Server;
  /** Takes no new connection, ends idle ones, lets the others finish. */
  readonly close: () => void;
}

const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 30_000;
const WARN_EVERY_MS = 1_000;

/**
 * Each request has an upstream connection of its own: a kept one could be closed by the service in the very moment it is used again. What the
 * service says about that connection is not passed on, so a client's own connection stays open across a switch.
 */
export function createFront(world: { readonly routes: Routes; readonly tally: Tally; readonly log: Log }): Front {
  const { routes, tally, log } = world;
  const slotOf = new WeakMap<IncomingMessage, Slot>();
  const upgraded = new WeakSet<Duplex>();
  const warn = rarely(log);
  let isClosing = false;

  const proxy = createProxyServer({ agent: false });
  const server = createServer({
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    shouldUpgradeCallback: isWebSocket,
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (isClosing) response.setHeader('connection', 'close');
    const target = routes.target();
    if (target === null) return answer(response, 503, { error: 'no-active-slot' });
    slotOf.set(request, target.slot);
    const done = tally.open(target.slot, 'requests');
    response.once('close', () => {
      done();
      if (isClosing) server.closeIdleConnections();
    });
    addForwarded(request);
    const wantsClose = /\bclose\b/i.test(request.headers.connection ?? '');
    stripHop(request.headers);
    // Already granted here, so the service is not asked again.
    delete request.headers.expect;
    request.headers.connection = wantsClose || isClosing ? 'close' : 'keep-alive';
    proxy
      .web(request, response, { target: { host: '127.0.0.1', port: target.port } })
      .catch((error: unknown) => fail(error, request, response));
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = routes.target();
    if (!(socket instanceof Socket)) return void socket.destroy();
    if (target === null) return refuseUpgrade(socket, 503, { error: 'no-active-slot' });
    slotOf.set(request, target.slot);
    socket.once('close', tally.open(target.slot, 'upgrades'));
    addForwarded(request);
    request.headers.connection = 'Upgrade';
    proxy
      .ws(request, socket, { target: { host: '127.0.0.1', port: target.port } }, head)
      .catch((error: unknown) => fail(error, request, socket));
  });

  proxy.on('proxyReqWs', (upstreamRequest, _request, client) => {
    client.once('close', () => upstreamRequest.destroy());
    upstreamRequest.once('upgrade', (_answer, upstream) => {
      upgraded.add(client);
      client.once('close', () => upstream.destroy());
      // The service has said all it had to say: what is left is sent, then the client is let go.
      upstream.once('close', () => client.destroySoon());
    });
  });

  // The upstream connection was ours alone and ends with this answer; the client's goes on.
  proxy.on('proxyRes', (upstreamAnswer, request) => {
    stripHop(upstreamAnswer.headers);
    upstreamAnswer.headers.connection = isClosing ? 'close' : (request.headers.connection ?? 'keep-alive');
  });
  proxy.on('error', (error, request, response) => {
    if (request !== undefined && response !== undefined) fail(error, request, response);
  });

  /** A client that left is no failure of the service. */
  function fail(error: unknown, request: IncomingMessage, response: ServerResponse | Socket): void {
    const slot = slotOf.get(request) ?? null;
    const hasLeft = response instanceof ServerResponse ? request.socket.destroyed : response.destroyed;
    if (hasLeft) return;
    tally.failed();
    const code = errnoOf(error) ?? 'failed';
    warn({ slot, code, method: request.method }, 'A slot did not answer');
    const body = { error: 'bad-gateway', slot, code };
    if (response instanceof ServerResponse) {
      if (response.headersSent) return void response.destroy();
      // A body that nobody reads any more would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      answer(response, 502, body);
    } else if (upgraded.has(response)) response.destroy();
    else refuseUpgrade(response, 502, body);
  }

  return {
    server,
    close: () => {
      isClosing = true;
      server.close();
    },
  };
}

// A slot that is down fails every request; the log gets one line a second and how many it stands for.
function rarely(log: Log): Log['warn'] {
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (facts, sentence) => {
    unsaid += 1;
    if (performance.now() - saidAt < WARN_EVERY_MS) return;
    log.warn({ ...facts, times: unsaid }, sentence);
    saidAt = performance.now();
    unsaid = 0;
  };
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function refuseUpgrade(socket: Socket, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  const reason = status === 503 ? 'Service Unavailable' : 'Bad Gateway';
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
