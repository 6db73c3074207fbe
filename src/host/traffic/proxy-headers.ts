// What belongs to one hop of a connection stays on that hop; who asked is told to the next.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'http2-settings'];

/** Takes the hop's own headers away, also those that `connection` names; the length and coding of the body stay. */
export function stripHop(headers: IncomingHttpHeaders): void {
  const named = String(headers.connection ?? '').split(',');
  for (const name of [...HOP_BY_HOP, ...named.map((token) => token.trim().toLowerCase())]) {
    if (name !== 'transfer-encoding' && name !== 'content-length' && name !== 'host') delete headers[name];
  }
}

/** Adds the client to `x-forwarded-for`; what a proxy in front of us said about protocol and host is kept. */
export function addForwarded(request: IncomingMessage): void {
  const { headers, socket } = request;
  const before = headers['x-forwarded-for'];
  const client = socket.remoteAddress ?? 'unknown';
  headers['x-forwarded-for'] = before === undefined ? client : `${String(before)}, ${client}`;
  headers['x-forwarded-proto'] ??= 'http';
  if (headers.host !== undefined) headers['x-forwarded-host'] ??= headers.host;
}
