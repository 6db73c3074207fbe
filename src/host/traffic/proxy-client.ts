// The bot's side of the proxy's control socket.

import { request as httpRequest } from 'node:http';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import { type ProxyStatus, STATUS } from './proxy-protocol.ts';
import { shortSocketPath } from './proxy-socket.ts';

export type ControlAnswer =
  | { readonly kind: 'status'; readonly status: ProxyStatus }
  /** No proxy lives behind the socket. */
  | { readonly kind: 'absent' }
  /** One does, but did not do what was asked. */
  | { readonly kind: 'failed'; readonly detail: string };

const TIMEOUT_MS = 5_000;
const BROKEN_LINE = new Set(['ECONNRESET', 'EPIPE']);

/** Asks once more when the line broke: a proxy that was killed in that very moment is absent the second time. */
export async function askStatus(socket: string): Promise<ControlAnswer> {
  const first = await ask(socket, 'GET', '/status', null);
  return first.kind === 'failed' && BROKEN_LINE.has(first.detail) ? ask(socket, 'GET', '/status', null) : first;
}

export function askSwitch(socket: string, target: { readonly slot: Slot; readonly port: number }): Promise<ControlAnswer> {
  return ask(socket, 'POST', '/switch', target);
}

async function ask(socket: string, method: string, path: string, body: object | null): Promise<ControlAnswer> {
  try {
    return judge(await exchange(socket, method, path, body));
  } catch (error) {
    const code = errnoOf(error);
    return code === 'ENOENT' || code === 'ECONNREFUSED' ? { kind: 'absent' } : { kind: 'failed', detail: code ?? String(error) };
  }
}

async function exchange(socket: string, method: string, path: string, body: object | null): Promise<{ status: number; text: string }> {
  const { path: socketPath, release } = shortSocketPath(socket);
  try {
    return await new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const request = httpRequest({ socketPath, method, path, agent: false, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body === null ? undefined : JSON.stringify(body));
    });
  } finally {
    release();
  }
}

function judge({ status, text }: { readonly status: number; readonly text: string }): ControlAnswer {
  const parsed = status === 200 ? STATUS.safeParse(JSON.parse(text)) : null;
  return parsed?.success ? { kind: 'status', status: parsed.data } : { kind: 'failed', detail: `status ${status} ${text.slice(0, 300)}` };
}
