// Whoever is asked may point elsewhere: nobody is followed to another host, least of all with a token.

import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createGithub } from '../../src/host/github/github.ts';
import { createHttp } from '../../src/host/http.ts';
import { postJson } from '../../src/notify/post-json.ts';
import { sdkLogger } from '../../src/slack/logger.ts';
import { createWeb } from '../../src/slack/web.ts';
import { testClock } from '../support/clock.ts';
import { portOf } from '../support/notify/smtp.ts';
import { keptLog } from '../support/slack/world.ts';

const NEVER = new AbortController().signal;
const TOKEN = ['xoxb', 'test', 'bot'].join('-');

/** A server that notes who comes, and sends everybody to the address behind it. */
async function pointing(to: string | null) {
  const came: string[] = [];
  const server = createServer((request, response) => {
    came.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    response.writeHead(to === null ? 200 : 307, to === null ? { 'content-type': 'application/json' } : { location: `${to}${request.url}` });
    response.end('{"ok":true,"ts":"1.1"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://localhost:${portOf(server.address())}`, came };
}

test.each([
  [
    'Slack',
    (url: string) => createWeb({ token: TOKEN, apiUrl: `${url}/api/`, logger: sdkLogger(keptLog()) }).whoAmI(),
    /"unsent"|"ambiguous"/,
  ],
  [
    'an upload to Slack',
    (url: string) => createWeb({ token: TOKEN, apiUrl: url, logger: sdkLogger(keptLog()) }).files.put(`${url}/upload`, Buffer.from('x')),
    /"unsent"/,
  ],
  ['Teams or PagerDuty', (url: string) => postJson({ url: `${url}/hook`, body: {}, timeoutMs: 5_000, signal: NEVER }), /"again"/],
  [
    'GitHub',
    (url: string) =>
      createGithub({ token: 'ghp_test', apiUrl: url, clock: testClock(), redact: (text) => text, retryMs: 1 }).protection({
        repository: 'o/r',
        branch: 'main',
        signal: NEVER,
      }),
    /another host/,
  ],
  ['the service or Prometheus', (url: string) => createHttp().get(`${url}/health`, { timeoutMs: 5_000 }), /"status":307/],
])('%s is not followed to another host', async (_, ask, answers) => {
  const elsewhere = await pointing(null);
  const server = await pointing(elsewhere.url);
  const answer = await ask(server.url);
  expect(JSON.stringify(answer)).toMatch(answers);
  expect(server.came.length).toBeGreaterThan(0);
  expect(elsewhere.came).toEqual([]);
});

test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'javascript:1', '/etc/passwd', 'unix:/run/x.sock:/'])(
  'nothing is read from %s',
  async (url) => {
    expect(await createHttp().get(url, { timeoutMs: 1_000 })).toMatchObject({ kind: 'failed', code: 'bad-url' });
  },
);
