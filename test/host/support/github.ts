// A GitHub of a few lines, for what no emulator has: each path answers what the test says, and what was asked is kept.

import { execFile } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes out as HTML, anything else as JSON; `hang` = no answer at all. */
  readonly body?: unknown;
  readonly hang?: boolean;
}

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** `answer` gets the path with its query. */
export async function tinyGithub(answer: (path: string, count: number) => Said) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    asked.push({ path, headers: request.headers });
    const said = answer(path, asked.filter((one) => one.path === path).length);
    if (said.hang === true) return;
    const html = typeof said.body === 'string';
    response.writeHead(said.status ?? 200, { 'content-type': html ? 'text/html' : 'application/json', ...said.headers });
    response.end(html ? said.body : JSON.stringify(said.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, asked, close };
}

/** Tag -> commit of a bare repository. */
export async function git(repository: string): Promise<Readonly<Record<string, string>>> {
  const words = [`--git-dir=${repository}`, 'for-each-ref', '--format=%(refname:strip=2) %(*objectname)', 'refs/tags'];
  const { stdout } = await promisify(execFile)('git', words);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')),
  );
}
