// How one call to Slack goes wrong, on command.

import type { ServerResponse } from 'node:http';

/** `after` = the call was carried out all the same. */
export type Mishap =
  | { readonly kind: 'limited'; readonly retryAfter: string | null }
  | { readonly kind: 'status'; readonly status: number; readonly after: boolean }
  | { readonly kind: 'html'; readonly after: boolean }
  | { readonly kind: 'error'; readonly code: string; readonly after: boolean }
  | { readonly kind: 'drop'; readonly after: boolean }
  | { readonly kind: 'hang'; readonly after: boolean };

/** Whether Slack does what it was asked before it goes wrong. */
export function isCarriedOut(mishap: Mishap | null): boolean {
  return mishap === null || (mishap.kind !== 'limited' && mishap.after);
}

export function misbehave(mishap: Mishap, response: ServerResponse): void {
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

export function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
