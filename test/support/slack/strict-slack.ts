// A Slack of one's own on 127.0.0.1: Web API, Socket Mode and signed HTTP, strict where Slack is strict, and able to fail in the ways Slack fails.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Clock } from '../../../src/core/ports.ts';
import { createClock } from '../../../src/host/clock.ts';
import { buttonIn } from './buttons.ts';
import { acceptBytes } from './files.ts';
import { createHttpMode, type HttpMode } from './http-mode.ts';
import { createLink, type Link } from './link.ts';
import { ALL_SCOPES, methodOf, runMethod } from './methods.ts';
import { isCarriedOut, type Mishap, misbehave, reply } from './mishap.ts';
import { createRates } from './rates.ts';
import { buttonClick } from './sender.ts';
import type { Unverified } from './unverified.ts';
import { type Answer, type Args, newWorkspace, no, type Workspace } from './workspace.ts';

export type { Mishap } from './mishap.ts';
export type { SlackMessage } from './workspace.ts';

export const BOT_TOKEN = ['xoxb', 'test', 'bot'].join('-');
export const APP_TOKEN = ['xapp', '1', 'A0APP', '1', 'test'].join('-');

export interface StrictSlack extends Workspace, Omit<Link, 'hello' | 'stop' | 'ticket'>, HttpMode {
  readonly apiUrl: string;
  readonly link: Link;
  readonly calls: { readonly method: string; readonly args: Args; readonly at: number }[];
  /** Methods that were called more often than Slack allows, and so answered 429. */
  readonly limited: string[];
  /** The next call of the method goes wrong; several queue up. */
  readonly next: (method: string, mishap: Mishap) => void;
  /** Every call goes wrong until it is set back to null. */
  outage: Mishap | null;
  /** The payload of a click on a button that people see in the channel. */
  readonly click: (user: string, verb: string, channel?: string) => Record<string, unknown> | null;
  /** Nothing listens on the port any more, and whatever was connected is gone. */
  readonly vanish: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface StrictSlackOptions {
  readonly clock?: Clock;
  readonly unverified?: Partial<Unverified>;
}

/** Refusals that say something about the bot, and not about the workspace. */
const BOT_IS_WRONG =
  /^(cant_update|exchanged_trigger|invalid_(?!auth)|metadata_too|missing_argument|msg_too_long|no_text|not_authed|not_allowed_token|unknown_method|view_too)/;

export async function startStrictSlack(options: StrictSlackOptions = {}): Promise<StrictSlack> {
  const space = newWorkspace(options.clock ?? createClock(), ALL_SCOPES, options.unverified);
  const rates = createRates(space.clock.now, space.unverified.burst);
  const calls: StrictSlack['calls'] = [];
  const limited: string[] = [];
  const pauses = new Map<string, { readonly from: number; readonly until: number }>();
  const mishaps: { readonly method: string; readonly mishap: Mishap }[] = [];
  const server = createServer((request, response) => {
    // A bot that was killed in the middle of a request has broken it off.
    respond(request, response).catch(() => response.destroy());
  });
  const port = await listen(server, 0);
  space.base = `http://127.0.0.1:${port}`;
  const link = createLink(space, server);

  const slack: StrictSlack = Object.assign(space, createHttpMode(space), {
    link,
    sockets: link.sockets,
    envelope: link.envelope,
    disconnect: link.disconnect,
    silence: link.silence,
    deafen: link.deafen,
    unacked: link.unacked,
    apiUrl: `${space.base}/api/`,
    calls,
    limited,
    outage: null as Mishap | null,
    next: (method: string, mishap: Mishap) => void mishaps.push({ method, mishap }),
    click: (user: string, verb: string, channel = 'C0OPS') => {
      const found = buttonIn(space.channels.get(channel) ?? [], verb);
      if (found === null) return null;
      const { ts, blocks, thread } = found.message;
      const person = { id: user, username: user, name: user, team_id: 'T0TEAM' };
      const container = {
        type: 'message',
        message_ts: ts,
        channel_id: channel,
        is_ephemeral: false,
        ...(thread === null ? {} : { thread_ts: thread }),
      };
      return buttonClick(verb, found.value, { user: person, channel: { id: channel, name: 'ops' }, container, message: { ts, blocks } });
    },
    vanish: () => {
      for (const socket of link.sockets) socket.terminate();
      return close(server);
    },
    comeBack: () => listen(server, port).then(() => {}),
    stop: () => {
      link.stop();
      return close(server);
    },
  });
  return slack;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', space.base);
    if (pathname.startsWith('/upload/v1/')) return takeUpload(request, response, pathname);
    if (pathname.startsWith('/response/')) return takeResponse(request, response, pathname);
    const method = pathname.replace('/api/', '');
    const read = await readArgs(request);
    const args = read ?? {};
    calls.push({ method, args, at: space.clock.now() });
    const place = `${method} ${String(args['channel'] ?? '')}`;
    const [now, pause] = [space.clock.now(), pauses.get(place)];
    // What came at the very moment of the refusal was under way already.
    if (pause !== undefined && now > pause.from && now < pause.until)
      space.violations.push(`${method}: called before Retry-After had passed`);
    const mishap = slack.outage ?? takeMishap(method);
    if (mishap?.kind === 'limited') pauses.set(place, { from: now, until: now + secondsOf(mishap.retryAfter) * 1_000 });
    if (!isCarriedOut(mishap) && mishap !== null) return misbehave(mishap, response);
    const waitS = mishap === null ? rates.take(method, methodOf(method)?.tier ?? 'special', args) : null;
    if (waitS !== null) {
      limited.push(method);
      pauses.set(place, { from: now, until: now + waitS * 1_000 });
      return misbehave({ kind: 'limited', retryAfter: String(waitS) }, response);
    }
    const answer = read === null ? no('invalid_post_type') : carryOut(method, args, request);
    note(method, answer, args);
    if (mishap === null) reply(response, 200, answer);
    else misbehave(mishap, response);
  }

  function carryOut(name: string, args: Args, request: IncomingMessage): Answer {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
    if (token === null) return no('not_authed');
    if (space.token !== null) return no(space.token);
    const opens = name === 'apps.connections.open';
    const [wanted, other] = opens ? [APP_TOKEN, BOT_TOKEN] : [BOT_TOKEN, APP_TOKEN];
    if (token !== wanted) return no(token === other ? 'not_allowed_token_type' : 'invalid_auth');
    if (opens) return { ok: true, url: `ws://127.0.0.1:${port}${link.ticket()}` };
    const method = methodOf(name);
    if (method === null) return no('unknown_method');
    const unseen = !method.json && (request.headers['content-type'] ?? '').startsWith('application/json');
    return runMethod(space, method, unseen ? {} : args);
  }

  function note(method: string, answer: Answer, args: Args): void {
    const code = String(answer['error'] ?? '');
    if (BOT_IS_WRONG.test(code)) space.violations.push(`${method}: ${code} ${JSON.stringify(answer['errors'] ?? '')}`);
    if (args['link_names'] !== undefined) space.violations.push(`${method}: link_names may ping people`);
    if (args['token'] !== undefined) space.violations.push(`${method}: the token stands among the arguments`);
  }

  async function takeUpload(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const bytes = await readBytes(request);
    calls.push({ method: 'upload', args: { length: bytes.length }, at: space.clock.now() });
    const mishap = slack.outage ?? takeMishap('upload');
    if (mishap !== null) return misbehave(mishap, response);
    if (request.headers.authorization !== undefined) space.violations.push('upload: the token was sent to the upload address');
    const refused = acceptBytes(space, path, bytes);
    if (refused !== null) space.violations.push(`upload: ${refused}`);
    response.writeHead(refused === null ? 200 : 400, { 'content-type': 'text/plain' });
    response.end(refused ?? `OK - ${bytes.length}`);
  }

  async function takeResponse(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const refused = space.responseUrls.use(path, (await readBytes(request)).toString());
    if (refused === null) return reply(response, 200, { ok: true });
    space.violations.push(`response_url: ${refused.error}`);
    if (space.unverified.responseUrlErrors === 'json') return reply(response, refused.status, no(refused.error));
    response.writeHead(refused.status, { 'content-type': 'text/plain' });
    response.end(refused.error);
  }

  function takeMishap(method: string): Mishap | null {
    const index = mishaps.findIndex((entry) => entry.method === method);
    return index < 0 ? null : (mishaps.splice(index, 1)[0]?.mishap ?? null);
  }
}

/** What is no number asks for nothing. */
function secondsOf(retryAfter: string | null): number {
  return /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
}

/** null = neither a form nor JSON. */
async function readArgs(request: IncomingMessage): Promise<Args | null> {
  const type = request.headers['content-type'] ?? '';
  const body = (await readBytes(request)).toString();
  if (type.startsWith('application/json')) return JSON.parse(body || '{}');
  return type.startsWith('application/x-www-form-urlencoded') || body === '' ? { ...parse(body) } : null;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
