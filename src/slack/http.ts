// The bot's own HTTP server: GET routes for operators and, in HTTP mode, what Slack posts, verified before Bolt sees it.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { BotError } from '../core/error.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { DurationMs } from '../core/time.ts';
import type { Origin } from './identity.ts';
import { createRefusals } from './refusals.ts';
import { verifySignature } from './signature.ts';

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Path -> page. A path that ends in `/` also serves everything below it; the function gets the rest of the path. */
export type Routes = Readonly<Record<string, (rest: string) => Promise<Page>>>;

export interface HttpEdge {
  /** Resolves with the port it listens on. Throws BotError `port-unavailable`. */
  readonly start: () => Promise<number>;
  /** Accepts no new connection, lets answers go out, and closes what is left after `graceMs`. */
  readonly stop: (graceMs: DurationMs) => Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly routes: Routes;
  /** null in Socket Mode. */
  readonly slack: {
    readonly signingSecret: string;
    readonly judge: (body: unknown) => Origin;
    /** Bolt's own listener, for requests that are genuine. */
    readonly forward: RequestListener;
  } | null;
  readonly clock: Clock;
  readonly log: Log;
}

export const SLACK_PATH = '/slack/events';
export const BODY_LIMIT = 1_048_576;
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

export function createHttpEdge(options: HttpOptions): HttpEdge {
  const { log } = options;
  const refusals = createRefusals(options);
  const limits = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000 };
  const underWay = new Set<ServerResponse>();
  let open = true;
  const server = createServer(limits, (request, response) => {
    if (!open) response.setHeader('connection', 'close');
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    answer(request, response).catch((thrown: unknown) => {
      if (request.readableAborted) return refusals.add({ reason: 'broken-off', detail: '', status: 0 });
      log.error({ code: 'http-failed', path: pathOf(request), err: thrown }, 'An HTTP request could not be answered.');
      if (response.headersSent) response.destroy();
      else send(response, 500, 'internal error\n');
    });
  });

  return {
    start: () => listen(server, options),
    stop: (graceMs) => {
      open = false;
      refusals.close();
      // A connection that is kept alive would go on being served.
      for (const response of underWay) if (!response.headersSent) response.setHeader('connection', 'close');
      return close(server, graceMs);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!open) return send(response, 503, 'stopping\n');
    const path = pathOf(request);
    if (path === SLACK_PATH && options.slack !== null) return receive(request, response, options.slack);
    const route = routeOf(options.routes, path);
    if (route === null) return send(response, 404, 'not found\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n');
    const page = await route.page(route.rest);
    const body = Buffer.from(page.body);
    response.writeHead(page.status, { ...HEADERS, ...page.headers, 'content-type': page.type, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async function receive(request: IncomingMessage, response: ServerResponse, slack: NonNullable<HttpOptions['slack']>): Promise<void> {
    if (request.method !== 'POST') return send(response, 405, 'only POST\n');
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (type !== FORM && type !== JSON_TYPE) return refuse(response, 415, 'content-type', type.slice(0, 60));
    const body = await readBody(request);
    if (body === null) return refuse(response, 413, 'too-large', `over ${BODY_LIMIT} bytes`);
    // Slack checks certificates with an unsigned form: harmless, whatever else it holds.
    if (type === FORM && parse(body.toString())['ssl_check'] === '1') return send(response, 200, '');
    const verdict = verifySignature(signedPart(request, body), slack.signingSecret, options.clock.now());
    if (verdict.kind === 'refused') return refuse(response, 401, verdict.reason, '');
    const payload = readPayload(type, body);
    if (payload === null) return refuse(response, 400, 'malformed', '');
    const origin: Origin = isUrlCheck(payload) ? { kind: 'ours' } : slack.judge(payload);
    if (origin.kind === 'foreign') return refuse(response, 401, 'foreign', origin.detail);
    // Bolt compares the bare type, and reads the body from here.
    request.headers['content-type'] = type;
    slack.forward(Object.assign(request, { rawBody: body }), response);
  }

  function refuse(response: ServerResponse, status: number, reason: string, detail: string): void {
    refusals.add({ reason, detail, status });
    if (status === 413) response.setHeader('connection', 'close');
    send(response, status, '');
  }
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname : '/';
}

function routeOf(routes: Routes, path: string) {
  const exact = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (exact !== undefined) return { page: exact, rest: '' };
  const folder = Object.keys(routes).find((key) => key.endsWith('/') && path.startsWith(key));
  const page = folder === undefined ? undefined : routes[folder];
  return folder === undefined || page === undefined ? null : { page, rest: path.slice(folder.length) };
}

/** null when it is larger than the limit; the rest of it is not read. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) return null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_LIMIT) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function signedPart(request: IncomingMessage, body: Buffer) {
  const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : undefined);
  return { timestamp: one(request.headers['x-slack-request-timestamp']), signature: one(request.headers['x-slack-signature']), body };
}

function readPayload(type: string, body: Buffer): unknown {
  try {
    if (type === JSON_TYPE) return JSON.parse(body.toString());
    const form = parse(body.toString());
    return typeof form['payload'] === 'string' ? JSON.parse(form['payload']) : form;
  } catch {
    return null;
  }
}

function isUrlCheck(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && Reflect.get(payload, 'type') === 'url_verification';
}

function listen(server: Server, { host, port, log }: HttpOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause) => {
      if (server.listening) return log.error({ code: 'http-server', err: cause }, 'The HTTP server reports an error and goes on.');
      const message = `The bot cannot listen on ${host}:${port}.`;
      return reject(new BotError({ code: 'port-unavailable', message, hint: 'Set PORT to a free port, or stop what holds it.', cause }));
    });
    server.listen(port, host, () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server, graceMs: DurationMs): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
