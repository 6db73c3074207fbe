// What Slack answers may name an address; only Slack's own are dialed or given files, whoever wrote the answer.

import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { isSlacks } from '../../src/slack/addresses.ts';
import { sdkLogger } from '../../src/slack/logger.ts';
import { createSockets } from '../../src/slack/sockets.ts';
import { createWeb } from '../../src/slack/web.ts';
import { testClock } from '../support/clock.ts';
import { portOf } from '../support/notify/smtp.ts';
import { keptLog, until } from '../support/slack/world.ts';

const TOKENS = { app: ['xapp', 'test', 'app'].join('-'), bot: ['xoxb', 'test', 'bot'].join('-') };

test.each<[string, string | null, boolean]>([
  ['wss://wss-primary.slack.com/link/?ticket=x', null, true],
  ['https://files.slack.com/upload/v1/x', null, true],
  ['wss://wss-primary.slack-gov.com/link/?ticket=x', 'https://slack-gov.com/api/', true],
  // Behind a proxy of one's own for the Web API, sockets and files still go to Slack.
  ['wss://wss-primary.slack.com/link/', 'https://slack-proxy.corp.test/api/', true],
  ['wss://slack-proxy.corp.test/link/', 'https://slack-proxy.corp.test/api/', true],
  ['ws://127.0.0.1:4000/link/', 'http://127.0.0.1:3000/api/', true],
  ['ws://wss-primary.slack.com/link/', null, false],
  ['http://files.slack.com/upload/v1/x', null, false],
  ['ws://slack-proxy.corp.test/link/', 'https://slack-proxy.corp.test/api/', false],
  ['ws://wss-primary.slack.com/link/', 'http://127.0.0.1:3000/api/', false],
  ['ws://127.0.0.1:4000/link/', null, false],
  ['wss://169.254.169.254/latest/', null, false],
  ['wss://slack.com.evil.test/link/', null, false],
  ['wss://evilslack.com/link/', null, false],
  ['wss://slack.com@evil.test/link/', null, false],
  ['wss://evil.test/?slack.com', null, false],
  ['wss://evil.test#.slack.com', null, false],
  ['wss://evil.test\\.slack.com/', null, false],
  ['file:///etc/passwd', null, false],
  ['//files.slack.com/upload', null, false],
  ['', null, false],
])('%s with the Web API at %s: %s', (address, apiUrl, expected) => {
  expect(isSlacks(address, apiUrl)).toBe(expected);
});

/** A server on another address of this machine than the API's; answers where it listens and who came. */
async function listening(answer: (port: number) => object) {
  const came: string[] = [];
  const server = createServer((request, response) => {
    came.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(portOf(server.address()))));
  });
  server.on('upgrade', (request, socket) => {
    came.push(`upgrade ${request.url}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { came, port: portOf(server.address()) };
}

test('a socket that the answer puts elsewhere is not dialed, and that is told', async () => {
  const elsewhere = await listening(() => ({}));
  const slack = await listening(() => ({ ok: true, url: `ws://localhost:${elsewhere.port}/link/?ticket=x` }));
  const [log, clock] = [keptLog(), testClock()];
  const apiUrl = `http://127.0.0.1:${slack.port}/api/`;
  const sockets = createSockets({ appToken: TOKENS.app, apiUrl, clock, log, logger: sdkLogger(log), random: () => 0 });
  await sockets.start();
  await until('it is told', () => log.lines.some(({ facts }) => facts['code'] === 'foreign-address'));
  await sockets.stop();
  expect(sockets.health().up).toBe(0);
  expect(elsewhere.came).toEqual([]);
  expect(slack.came.length).toBeGreaterThan(0);
});

test('no file goes to a place elsewhere', async () => {
  const elsewhere = await listening(() => ({}));
  const web = createWeb({ token: TOKENS.bot, apiUrl: 'http://127.0.0.1:1/api/', logger: sdkLogger(keptLog()) });
  expect(await web.files.put(`http://localhost:${elsewhere.port}/upload`, Buffer.from('x'))).toEqual({
    kind: 'unsent',
    code: 'foreign-address',
  });
  expect(elsewhere.came).toEqual([]);
});
