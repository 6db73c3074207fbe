// A Slack of one's own on 127.0.0.1: Web API and Socket Mode, strict where Slack is strict, and able to fail in the ways Slack fails.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { type WebSocket, WebSocketServer } from 'ws';
import { acceptBytes } from './files.ts';
import { type Args, newWorkspace, runMethod, type Workspace } from './methods.ts';

export const BOT_TOKEN = ['xoxb', 'test', 'bot'].join('-');
export const APP_TOKEN = ['xapp', '1', 'A0APP', '1', 'test'].join('-');

/** How one call goes wrong. `after` = the call was carried out all the same. */
export type Mishap =
  | { readonly kind: 'limited'; readonly retryAfter: string | null }
  | { readonly kind: 'status'; readonly status: number; readonly after: boolean }
  | { readonly kind: 'html'; readonly after: boolean }
  | { readonly kind: 'error'; readonly code: string; readonly after: boolean }
  | { readonly kind: 'drop'; readonly after: boolean }
  | { readonly kind: 'hang'; readonly after: boolean };

export interface FakeSlack extends Workspace {
  readonly apiUrl: string;
  readonly calls: { readonly method: string; readonly args: Args }[];
  /** What a real Slack would have refused, or a bot should never do. Tests expect none. */
  readonly violations: string[];
  /** The next call of the method goes wrong; several queue up. */
  readonly next: (method: string, mishap: Mishap) => void;
  /** Every call goes wrong until it is set back to null. */
  outage: Mishap | null;
  readonly sockets: Set<WebSocket>;
  /** Sends an envelope to one open socket and resolves with its ack's payload. */
  readonly envelope: (type: string, payload: object, envelopeId?: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export async function startFakeSlack(now?: () => number): Promise<FakeSlack> {
  const space = newWorkspace(now);
  const calls: FakeSlack['calls'] = [];
  const violations: string[] = [];
  const mishaps: { method: string; mishap: Mishap }[] = [];
  const sockets = new Set<WebSocket>();
  const acks = new Map<string, (payload: unknown) => void>();
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  const port = await listen(server);
  space.base = `http://127.0.0.1:${port}`;
  const upgrades = new WebSocketServer({ server, path: '/link' });
  upgrades.on('connection', welcome);

  const slack: FakeSlack = {
    ...space,
    apiUrl: `http://127.0.0.1:${port}/api/`,
    calls,
    violations,
    outage: null,
    sockets,
    next: (method, mishap) => {
      mishaps.push({ method, mishap });
    },
    envelope: (type, payload, envelopeId = `env-${Math.random()}`) =>
      new Promise((resolve, reject) => {
        const [socket] = sockets;
        if (socket === undefined) return reject(new Error('no socket is open'));
        acks.set(envelopeId, resolve);
        socket.send(JSON.stringify({ envelope_id: envelopeId, type, accepts_response_payload: true, payload }));
      }),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.terminate();
        upgrades.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return slack;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/upload/v1/')) return takeUpload(request, response);
    const method = (request.url ?? '').replace('/api/', '');
    const args = await readArgs(request);
    calls.push({ method, args });
    const mishap = slack.outage ?? takeMishap(method);
    const before = mishap === null || mishap.kind === 'limited' ? false : !mishap.after;
    const answer = mishap?.kind === 'limited' || before ? {} : carryOut(method, args, request.headers.authorization ?? '');
    if (mishap === null) return reply(response, 200, answer);
    misbehave(mishap, response);
  }

  function carryOut(method: string, args: Args, authorization: string): object {
    const wanted = method === 'apps.connections.open' ? APP_TOKEN : BOT_TOKEN;
    if (authorization !== `Bearer ${wanted}`) return { ok: false, error: 'invalid_auth' };
    if (method === 'apps.connections.open') return { ok: true, url: `ws://127.0.0.1:${port}/link?ticket=t` };
    const answer = runMethod(space, method, args);
    const code = answer['error'];
    const detail = JSON.stringify(answer['errors'] ?? answer['response_metadata'] ?? '');
    if (typeof code === 'string' && /^(invalid_|no_text|msg_too_long|unknown_method)/.test(code))
      violations.push(`${method}: ${code} ${detail}`);
    if (args['link_names'] !== undefined) violations.push(`${method}: link_names may ping people`);
    return answer;
  }

  async function takeUpload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readBytes(request);
    calls.push({ method: 'upload', args: { length: bytes.length } });
    const mishap = slack.outage ?? takeMishap('upload');
    if (mishap !== null) return misbehave(mishap, response);
    if (request.headers.authorization !== undefined) violations.push('upload: the token was sent to the upload address');
    const refused = acceptBytes(space, request.url ?? '', bytes);
    if (refused !== null) violations.push(`upload: ${refused}`);
    response.writeHead(refused === null ? 200 : 400, { 'content-type': 'text/plain' });
    response.end(refused ?? `OK - ${bytes.length}`);
  }

  function takeMishap(method: string): Mishap | null {
    const index = mishaps.findIndex((entry) => entry.method === method);
    return index < 0 ? null : (mishaps.splice(index, 1)[0]?.mishap ?? null);
  }

  function welcome(socket: WebSocket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => {
      const { envelope_id, payload } = JSON.parse(String(data));
      acks.get(envelope_id)?.(payload);
    });
    socket.send(JSON.stringify({ type: 'hello', connection_info: { app_id: 'A0APP' }, num_connections: 1 }));
  }
}

function misbehave(mishap: Mishap, response: ServerResponse): void {
  switch (mishap.kind) {
    case 'limited':
      response.writeHead(429, mishap.retryAfter === null ? {} : { 'retry-after': mishap.retryAfter });
      response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
      return;
    case 'status':
      reply(response, mishap.status, {});
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html><body>Sign in to the hotel network</body></html>');
      return;
    case 'error':
      reply(response, 200, { ok: false, error: mishap.code });
      return;
    case 'drop':
      response.destroy();
      return;
    case 'hang':
      return;
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readArgs(request: IncomingMessage): Promise<Args> {
  const body = (await readBytes(request)).toString();
  return request.headers['content-type']?.startsWith('application/json') ? JSON.parse(body || '{}') : { ...parse(body) };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
