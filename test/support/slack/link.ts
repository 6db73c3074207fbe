// Socket Mode of the strict Slack: hello, envelopes to any one of the sockets, acks, redelivery, and every way in which a socket ends.

import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { submissionErrors } from './views.ts';
import { at, type Workspace, words } from './workspace.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface Link {
  readonly sockets: Set<WebSocket>;
  /** The path of a new connection; it is good for one. */
  readonly ticket: () => string;
  /** Sends an envelope to one open socket and resolves with its ack's payload; without an ack it comes again. */
  readonly envelope: (type: string, payload: object, envelopeId?: string) => Promise<unknown>;
  /** Says why, and closes. Every socket, if none is named. */
  readonly disconnect: (reason: DisconnectReason, socket?: WebSocket) => void;
  /** Neither sends nor hears nor closes any more, as behind a router that forgot the connection. */
  readonly silence: (socket?: WebSocket) => void;
  /** Sends, but hears no ack. */
  readonly deafen: (socket?: WebSocket) => void;
  /** Whether a new socket is said hello to. */
  hello: boolean;
  /** Envelopes that nobody acked within three seconds. */
  readonly unacked: string[];
  readonly stop: () => void;
}

const ACK_MS = 3_000;
/** At once, after a minute, after five. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];
const MOST_SOCKETS = 10;
/** After this a socket is recycled, whatever it is doing. */
const LIFE_MS = 3_600_000;
/** In real time: the SDK takes a Slack that does not ping for dead. */
const PING_MS = 10_000;

interface Waiting {
  readonly resolve: (payload: unknown) => void;
  readonly view: string | null;
  readonly takesPayload: boolean;
}

export function createLink(space: Workspace, server: Server): Link {
  const { clock } = space;
  const sockets = new Set<WebSocket>();
  const silent = new WeakSet<WebSocket>();
  const tickets = new Set<string>();
  const waiting = new Map<string, Waiting>();
  const acked = new Set<string>();
  const over = new AbortController();
  const upgrades = new WebSocketServer({ server, path: '/link' });
  const pings = setInterval(() => each(undefined, (socket) => socket.ping()), PING_MS);
  let turn = 0;
  let count = 0;
  upgrades.on('connection', (socket, request) =>
    welcome(socket, new URL(request.url ?? '', 'ws://slack').searchParams.get('ticket') ?? ''),
  );

  const link: Link = {
    sockets,
    hello: true,
    unacked: [],
    ticket: () => {
      count += 1;
      tickets.add(`t${count}`);
      return `/link?ticket=t${count}&app_id=A0APP`;
    },
    envelope: (type, payload, envelopeId = `env-${Math.random()}`) => send(type, payload, envelopeId),
    disconnect: (reason, socket) => each(socket, (one) => goodbye(one, reason)),
    silence: (socket) =>
      each(socket, (one) => {
        one.pause();
        silent.add(one);
      }),
    deafen: (socket) => each(socket, (one) => one.pause()),
    stop: () => {
      over.abort();
      clearInterval(pings);
      for (const socket of sockets) socket.terminate();
      upgrades.close();
    },
  };
  return link;

  function each(socket: WebSocket | undefined, act: (one: WebSocket) => void): void {
    for (const one of socket === undefined ? [...sockets] : [socket]) act(one);
  }

  function goodbye(socket: WebSocket, reason: DisconnectReason): void {
    socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } }));
    // A warning comes ten seconds before its end, whatever becomes of the socket meanwhile.
    if (reason === 'warning') void clock.sleep(10_000, over.signal).then(() => socket.close());
    else socket.close();
  }

  function welcome(socket: WebSocket, ticket: string): void {
    if (!tickets.delete(ticket)) {
      space.violations.push(`socket: the ticket ${ticket} is used or unknown`);
      socket.close();
      return;
    }
    socket.on('message', (data) => receive(JSON.parse(String(data))));
    if (sockets.size >= MOST_SOCKETS) {
      goodbye(socket, 'too_many_websockets');
      return;
    }
    sockets.add(socket);
    const gone = new AbortController();
    socket.on('close', () => {
      sockets.delete(socket);
      gone.abort();
    });
    void clock.sleep(LIFE_MS, AbortSignal.any([over.signal, gone.signal])).then(() => {
      if (socket.readyState === socket.OPEN) goodbye(socket, 'refresh_requested');
    });
    if (!link.hello) return;
    const facts = { connection_info: { app_id: 'A0APP' }, num_connections: sockets.size };
    socket.send(
      JSON.stringify({ type: 'hello', ...facts, debug_info: { host: 'applink-1', approximate_connection_time: LIFE_MS / 1_000 } }),
    );
  }

  function receive(ack: unknown): void {
    const id = words(at(ack, 'envelope_id'));
    const payload = at(ack, 'payload');
    const envelope = waiting.get(id);
    if (envelope === undefined) {
      if (!acked.has(id)) space.violations.push(`socket: an ack for the unknown envelope ${id}`);
      return;
    }
    const said = payload !== undefined && Object.keys(Object(payload)).length > 0;
    if (said && !envelope.takesPayload) space.violations.push('socket: an ack with a payload that was not asked for');
    if (envelope.view !== null)
      space.violations.push(...submissionErrors(space, envelope.view, payload).map((error) => `view_submission: ${error}`));
    acked.add(id);
    envelope.resolve(payload);
  }

  function send(type: string, payload: object, id: string): Promise<unknown> {
    const trigger = words(at(payload, 'trigger_id'));
    if (trigger !== '') space.triggers.issue(trigger);
    const view = at(payload, 'type') === 'view_submission' ? words(at(at(payload, 'view'), 'id')) : null;
    const takesPayload = type !== 'events_api';
    return new Promise((resolve, reject) => {
      if (!put({ envelope_id: id, type, accepts_response_payload: takesPayload, payload })) return reject(new Error('no socket is open'));
      let answered = false;
      const done = (given: unknown) => {
        answered = true;
        resolve(given);
      };
      waiting.set(id, { resolve: done, view, takesPayload });
      void redeliver({ envelope_id: id, type, accepts_response_payload: takesPayload, payload }, () => answered);
    });
  }

  async function redeliver(envelope: object, isAnswered: () => boolean): Promise<void> {
    for (let retry = 0; ; retry += 1) {
      await clock.sleep(ACK_MS, over.signal);
      if (isAnswered() || over.signal.aborted) return;
      link.unacked.push(words(at(envelope, 'envelope_id')));
      if (retry === space.unverified.socketRetries) return;
      await clock.sleep(RETRY_AFTER_MS[retry] ?? 0, over.signal);
      put({ ...envelope, retry_attempt: retry + 1, retry_reason: 'timeout' });
    }
  }

  /** To any one of the open sockets, but what nobody acked not to one that is known to be silent. */
  function put(envelope: object): boolean {
    const lively = [...sockets].filter(({ isPaused }) => !isPaused);
    const open = at(envelope, 'retry_attempt') === undefined || lively.length === 0 ? [...sockets] : lively;
    turn += 1;
    const socket = open[turn % open.length];
    if (socket !== undefined && !silent.has(socket)) socket.send(JSON.stringify(envelope));
    return socket !== undefined;
  }
}
