// The proxy's control: HTTP on a Unix socket that only its owner may open.

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createConnection } from 'node:net';
import { errnoOf } from '../errno.ts';
import { type ProxyStatus, SWITCH } from './proxy-protocol.ts';
import type { Target } from './proxy-routes.ts';

const LARGEST_BODY = 4_096;

export interface Control {
  readonly status: () => ProxyStatus;
  readonly switchTo: (target: Target) => Promise<void>;
}

/** GET /status and POST /switch; anything else is refused with a reason. */
export function createControl(control: Control): Server {
  return createServer((request, response) => {
    handle(control, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 500, { error: errnoOf(error) ?? String(error) }),
    );
  });
}

/** True when a proxy lives behind this socket; a file that a dead one left refuses the connection. */
export async function isControlled(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ECONNREFUSED' || errnoOf(error) === 'ENOENT') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

/**
 * Takes the socket over from a dead proxy. The caller holds the public port, which only one process can, and has seen that nobody lives
 * behind the socket: so nobody else takes it over at the same time.
 */
export async function listenControl(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

async function handle(control: Control, request: IncomingMessage): Promise<Reply> {
  if (request.method === 'GET' && request.url === '/status') return { status: 200, body: control.status() };
  if (request.method !== 'POST' || request.url !== '/switch') return { status: 404, body: { error: 'GET /status or POST /switch' } };
  const target = SWITCH.safeParse(parse(await readBody(request)));
  if (!target.success) return { status: 400, body: { error: 'expected {"slot": "blue" or "green", "port": 1 to 65535}' } };
  await control.switchTo(target.data);
  return { status: 200, body: control.status() };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > LARGEST_BODY) return '';
  }
  return body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}
