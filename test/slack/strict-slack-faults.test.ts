// The Slack that other tests lean on must fail in every way it is told to.

import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dialogFor } from '../../src/slack/dialog.ts';
import { BOT, clock, HELLO, slack, start, withStrictSlack } from '../support/slack/each-test.ts';
import { buttonClick, homeOpened, slashCommand } from '../support/slack/sender.ts';
import { APP_TOKEN, type Mishap } from '../support/slack/strict-slack.ts';
import { until } from '../support/slack/world.ts';

withStrictSlack();

const APP = { ...BOT, authorization: `Bearer ${APP_TOKEN}` };
const DIALOG = dialogFor('reject', { request: 'd-1', environment: 'production', expect: null, channel: 'C0OPS' });

async function answer(method: string, args: object = {}, headers: Record<string, string> = BOT) {
  const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST', headers, body: JSON.stringify(args) });
  return JSON.parse(await response.text());
}

describe('on command a call', () => {
  const failing = (mishap: Mishap) => {
    slack.next('chat.postMessage', mishap);
    return fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: BOT,
      body: JSON.stringify(HELLO),
      signal: AbortSignal.timeout(200),
    });
  };

  it.each<[string, Mishap, number, readonly unknown[] | 'lost']>([
    ['is over its limit', { kind: 'limited', retryAfter: '77' }, 0, [429, '77', '{"ok":false,"error":"ratelimited"}']],
    ['is over a limit that is not told', { kind: 'limited', retryAfter: null }, 0, [429, null, '{"ok":false,"error":"ratelimited"}']],
    ['fails with 503', { kind: 'status', status: 503, after: false }, 0, [503, null, '{}']],
    ['fails with 500 after storing', { kind: 'status', status: 500, after: true }, 1, [500, null, '{}']],
    ['is answered by a page', { kind: 'html', after: false }, 0, [200, null, '<html><body>Sign in to the hotel network</body></html>']],
    [
      'says internal_error after storing',
      { kind: 'error', code: 'internal_error', after: true },
      1,
      [200, null, '{"ok":false,"error":"internal_error"}'],
    ],
    ['is dropped before storing', { kind: 'drop', after: false }, 0, 'lost'],
    ['is dropped after storing', { kind: 'drop', after: true }, 1, 'lost'],
    ['hangs before storing', { kind: 'hang', after: false }, 0, 'lost'],
    ['hangs after storing', { kind: 'hang', after: true }, 1, 'lost'],
  ])('%s', async (_, mishap, stored, outcome) => {
    const answered = failing(mishap).then(async (response) => [
      response.status,
      response.headers.get('retry-after'),
      await response.text(),
    ]);
    expect(await answered.catch(() => 'lost')).toEqual(outcome);
    expect(slack.channels.get('C0OPS')).toHaveLength(stored);
    expect(await answer('chat.postMessage', HELLO)).toMatchObject({ ok: true });
  });

  it('finds nobody listening, and later somebody again', async () => {
    await slack.vanish();
    await expect(answer('auth.test')).rejects.toThrow();
    await slack.comeBack();
    expect(await answer('auth.test')).toMatchObject({ ok: true });
  });
});

describe('a socket', () => {
  interface Client {
    readonly socket: WebSocket;
    readonly heard: Record<string, unknown>[];
  }
  const clients: WebSocket[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  async function client(address?: string): Promise<Client> {
    const socket = new WebSocket(address ?? (await answer('apps.connections.open', {}, APP)).url);
    clients.push(socket);
    const heard: Record<string, unknown>[] = [];
    socket.on('message', (data) => heard.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.once('open', resolve));
    return { socket, heard };
  }

  const ack = ({ socket }: Client, envelope: unknown, payload?: object) =>
    socket.send(JSON.stringify({ envelope_id: Reflect.get(Object(envelope), 'envelope_id'), payload }));

  it('is greeted, is handed an envelope and acks it', async () => {
    const one = await client();
    await until('hello', () => one.heard.length === 1);
    const acked = slack.envelope('slash_commands', slashCommand(), 'e-1');
    await until('the envelope', () => one.heard.length === 2);
    expect(one.heard).toMatchObject([{ type: 'hello' }, { envelope_id: 'e-1', type: 'slash_commands', accepts_response_payload: true }]);
    ack(one, one.heard[1], { text: 'fine' });
    expect(await acked).toEqual({ text: 'fine' });
    await clock.later(600_000);
    expect([one.heard.length, slack.unacked, slack.violations]).toEqual([2, [], []]);
  });

  it.each([1, 3])('is handed what nobody acked again, up to %i times', async (socketRetries) => {
    await start({ socketRetries });
    const one = await client();
    const acked = slack.envelope('events_api', homeOpened(), 'e-1');
    for (let round = 0; round < 60; round += 1) await clock.later(10_000);
    await until('every delivery', () => one.heard.length === 2 + socketRetries);
    const attempts = one.heard.slice(1).map((envelope) => envelope['retry_attempt']);
    expect(attempts).toEqual([undefined, ...Array.from({ length: socketRetries }, (_, index) => index + 1)]);
    ack(one, one.heard.at(-1));
    await acked;
    expect(slack.unacked).toHaveLength(1 + socketRetries);
  });

  it('must not ack what was never sent, with words where none are asked for, or with an error for no field', async () => {
    const one = await client();
    slack.triggers.issue('t');
    await answer('views.open', { trigger_id: 't', view: DIALOG });
    ack(one, { envelope_id: 'invented' });
    const submission = { type: 'view_submission', view: { id: 'V1' } };
    const acked = [slack.envelope('events_api', homeOpened(), 'e-1'), slack.envelope('interactive', submission, 'e-2')];
    await until('both', () => one.heard.length === 3);
    ack(one, one.heard[1], { text: 'hello' });
    ack(one, one.heard[2], { response_action: 'errors', errors: { reason: 'fine', nowhere: 'lost' } });
    await Promise.all(acked);
    expect(slack.violations).toEqual([
      'socket: an ack for the unknown envelope invented',
      'socket: an ack with a payload that was not asked for',
      'view_submission: errors name nowhere, which is no input',
    ]);
  });

  it.each(['warning', 'refresh_requested', 'link_disabled', 'too_many_websockets'] as const)('ends with %s', async (reason) => {
    const one = await client();
    const closed = new Promise((resolve) => one.socket.once('close', resolve));
    slack.disconnect(reason);
    await until('it is told', () => one.heard.at(-1)?.['reason'] === reason);
    await clock.later(10_000);
    await closed;
    expect(slack.sockets.size).toBe(0);
  });

  it('falls silent, is refused a second use of its ticket, and is one of at most ten', async () => {
    const { url } = await answer('apps.connections.open', {}, APP);
    const one = await client(url);
    slack.silence();
    let ponged = false;
    one.socket.on('pong', () => (ponged = true));
    one.socket.ping();
    const again = await client(url);
    await until('it is closed', () => again.socket.readyState === WebSocket.CLOSED);
    expect([ponged, slack.violations]).toEqual([false, ['socket: the ticket t1 is used or unknown']]);
    for (let more = 0; more < 9; more += 1) await client();
    const eleventh = await client();
    await until('it is told', () => eleventh.heard[0]?.['reason'] === 'too_many_websockets');
  });

  it('of a Slack that says no hello stays without', async () => {
    slack.link.hello = false;
    const one = await client();
    void slack.envelope('slash_commands', slashCommand(), 'e-1');
    await until('the envelope', () => one.heard.length === 1);
    expect(one.heard[0]).toMatchObject({ envelope_id: 'e-1' });
  });
});

describe('over HTTP', () => {
  async function deliverTo(statuses: readonly number[], payload: Record<string, unknown>) {
    const seen: { readonly retry: unknown; readonly body: string }[] = [];
    const bot = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push({ retry: request.headers['x-slack-retry-num'], body });
        response.writeHead(statuses[seen.length - 1] ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
    const address = bot.address();
    let over = false;
    const delivered = slack
      .deliver(typeof address === 'object' && address !== null ? address.port : 0, payload)
      .finally(() => (over = true));
    await until('it is delivered', () => over, clock, 10_000);
    bot.close();
    return { seen, answers: (await delivered).map((given) => given?.status) };
  }

  it('an event comes again at once, after a minute and after five', async () => {
    const began = clock.now();
    const { seen, answers } = await deliverTo([500, 500, 500, 500], homeOpened());
    expect(answers).toEqual([500, 500, 500, 500]);
    expect(seen.map(({ retry }) => retry)).toEqual([undefined, '1', '2', '3']);
    expect(clock.now() - began).toBeGreaterThanOrEqual(360_000);
  });

  it.each([
    [false, [500]],
    [true, [500, 200]],
  ])('a click comes again: %s', async (httpRedeliversClicks, statuses) => {
    await start({ httpRedeliversClicks });
    const { seen, answers } = await deliverTo([500, 200], buttonClick('approve', {}));
    expect(answers).toEqual(statuses);
    expect(seen[0]?.body).toContain(encodeURIComponent(`${slack.base}/response/1`));
  });
});
