// A real web server on loopback that takes JSON and answers as the test says: Teams and PagerDuty in one.

import { createServer, type ServerResponse } from 'node:http';
import { portOf } from './smtp.ts';

export interface WebServer {
  readonly url: string;
  readonly received: { readonly path: string; readonly body: unknown }[];
  /** The next answers, first come first; then 202. */
  readonly next: ((response: ServerResponse) => void)[];
  readonly stop: () => Promise<void>;
}

export async function webServer(): Promise<WebServer> {
  const received: { path: string; body: unknown }[] = [];
  const next: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      const answer = next.shift() ?? status(202);
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    received,
    next,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body = ''): ((response: ServerResponse) => void) =>
  (response) => {
    response.writeHead(code, headers);
    response.end(body);
  };

/** The request was taken, and nothing comes back. */
export const hang = (): void => {};

export const cutOff = (response: ServerResponse): void => {
  response.destroy();
};
