// A server of the demo's own, on loopback, at whatever port is free.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Loopback {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** What `serve` throws is answered with 502 and what `failed` makes of it. */
export async function openLoopback(
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  failed: (why: string) => object,
): Promise<Loopback> {
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      sendJson(response, 502, failed(error instanceof Error ? error.message : String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
