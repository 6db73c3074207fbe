import { afterEach, expect, test } from 'vitest';
import type { Sender } from '../../src/notify/outcome.ts';
import { INCIDENT, live, NOON, RULE_MET } from '../support/log.ts';
import { cutOff, hang, status, type WebServer, webServer } from '../support/notify/web.ts';
import { type NotifyWorld, notifyWorld } from '../support/notify/world.ts';

const KEY = 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4';
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(what: 'teams' | 'pagerduty', timeout = 8_000): Promise<{ readonly server: WebServer; readonly world: NotifyWorld }> {
  const server = await webServer();
  ends.push(server.stop);
  const secrets = what === 'teams' ? { teamsWebhookUrl: `${server.url}/hook?sig=s3cret` } : { pagerdutyRoutingKey: KEY };
  const world = notifyWorld(secrets, {
    mail: null,
    teams: { timeout },
    pagerduty: { api: server.url, timeout },
    meeting: 'https://meet.ops.test/x',
  });
  ends.push(world.stop);
  await world.play(live().events());
  return { server, world };
}

const breach = (gate: string) => ({ gate, value: '812 ms', threshold: '200 ms', failures: 3, rollback: null });
const healthy = { offsetMs: 60_000, remainingMs: 600_000, measures: [], verdict: 'healthy' } as const;

test('Teams gets Adaptive Cards, in order and each once', async () => {
  const { server, world } = await open('teams');
  await world.start();
  await world.until(() => server.received.length === 2);
  expect(server.received[0]).toMatchObject({
    path: '/hook?sig=s3cret',
    body: {
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.4' } }],
    },
  });
  expect(await world.waiting()).toBe(0);
});

test.each([
  ['a rate limit', status(429, { 'retry-after': '120' }), 'http-429'],
  [
    'a connector that says the limit in words',
    status(200, {}, 'Microsoft Teams endpoint returned HTTP error 429 with ContextId x'),
    'teams-limited',
  ],
  ['a webhook that was revoked', status(404, {}, 'gone'), 'http-404'],
  ['an error of the server', status(500), 'http-500'],
  ['a connection that is cut', cutOff, 'UND_ERR_SOCKET'],
  ['a server that hangs', hang, 'TimeoutError'],
])('Teams with %s gets the card later', async (_title, answer, code) => {
  const { server, world } = await open('teams', answer === hang ? 300 : undefined);
  server.next.push(answer);
  const notifier = await world.start();
  await world.until(() => notifier.health().trouble.length === 1);
  expect(notifier.health().trouble[0]?.code).toBe(code);
  await world.pass(300_000);
  await world.until(async () => (await world.waiting()) === 0);
  expect(server.received).toHaveLength(3);
  expect(await world.said('notice.lost')).toEqual([]);
});

test('a rate limit is kept to the second', async () => {
  const { server, world } = await open('teams');
  server.next.push(status(429, { 'retry-after': '120' }));
  await world.start();
  await world.until(async () => (await world.opened.notices.head('teams:webhook'))?.state === 'pending');
  await world.pass(118_000);
  expect(server.received).toHaveLength(1);
  await world.pass(2_000);
  await world.until(() => server.received.length === 3);
});

test('a card that Teams refuses is lost, told once, and the next one goes out', async () => {
  const { server, world } = await open('teams');
  server.next.push(status(400, {}, 'bad card'));
  await world.start();
  await world.until(async () => (await world.waiting()) === 0);
  expect(await world.said('notice.lost')).toMatchObject([{ to: 'Teams', code: 'http-400', detail: 'bad card' }]);
  expect(server.received).toHaveLength(2);
});

test('an incident is one for PagerDuty: triggered, acknowledged, resolved under one key', async () => {
  const { server, world } = await open('pagerduty');
  await world.tell('monitor.breached', breach('response-time'));
  await world.tell('monitor.rule-met', RULE_MET);
  await world.tell('escalation.started', INCIDENT);
  await world.tell('alert.acknowledged', { gate: 'error-rate' });
  await world.tell('escalation.ended', { ...INCIDENT, how: 'acknowledged', by: 'olga' });
  await world.tell('monitor.recovered', { gate: 'response-time', value: '41 ms', passes: 5 });
  await world.tell('monitor.rule-cleared', { rule: 'error-rate', value: '0 %' });
  await world.tell('monitor.updated', healthy);
  await world.start();
  await world.until(() => server.received.length === 3);
  const dedup_key = 'mobius-dhash/production/INC-d-0001-1';
  expect(server.received.map(({ path, body }) => [path, body])).toMatchObject([
    [
      '/v2/enqueue',
      {
        routing_key: KEY,
        event_action: 'trigger',
        dedup_key,
        payload: {
          severity: 'critical',
          class: 'rule',
          timestamp: expect.stringContaining('2026-11-23'),
          custom_details: { incident: 'INC-d-0001-1' },
        },
        links: [{ href: 'https://meet.ops.test/x' }],
      },
    ],
    ['/v2/enqueue', { event_action: 'acknowledge', dedup_key }],
    ['/v2/enqueue', { event_action: 'resolve', dedup_key }],
  ]);
  expect(await world.waiting()).toBe(0);
});

test('an incident that a graver one takes over is resolved, and the graver one has a key of its own', async () => {
  const { server, world } = await open('pagerduty');
  const second = { ...INCIDENT, incident: 'INC-d-0001-2' };
  await world.tell('escalation.started', { ...INCIDENT, kind: 'blind' });
  await world.tell('escalation.started', second);
  await world.tell('escalation.ended', { ...INCIDENT, how: 'raised', by: null });
  await world.tell('escalation.ended', { ...second, how: 'rolled-back', by: null });
  await world.start();
  await world.until(() => server.received.length === 4);
  expect(server.received.map(({ body }) => body)).toMatchObject([
    { event_action: 'trigger', dedup_key: 'mobius-dhash/production/INC-d-0001-1' },
    { event_action: 'trigger', dedup_key: 'mobius-dhash/production/INC-d-0001-2' },
    { event_action: 'resolve', dedup_key: 'mobius-dhash/production/INC-d-0001-1' },
    { event_action: 'resolve', dedup_key: 'mobius-dhash/production/INC-d-0001-2' },
  ]);
});

test('what is looked after stays acknowledged, not resolved, until the watch ends without it', async () => {
  const { server, world } = await open('pagerduty');
  await world.tell('monitor.rule-met', RULE_MET);
  await world.tell('escalation.started', INCIDENT);
  await world.tell('alert.acknowledged', { gate: 'error-rate' });
  await world.tell('monitor.ended', { verdict: 'not-certified', why: 'red', checks: 9, breaches: 1, measures: [] });
  await world.start();
  await world.until(() => server.received.length === 2);
  await world.tell('monitor.ended', { verdict: 'superseded', why: 'v2.0.0 is live', checks: 9, breaches: 1, measures: [] });
  await world.until(() => server.received.length === 3);
  expect(server.received.map(({ body }) => body)).toMatchObject([
    { event_action: 'trigger' },
    { event_action: 'acknowledge' },
    { event_action: 'resolve' },
  ]);
});

test('a calm watch says nothing to PagerDuty', async () => {
  const { server, world } = await open('pagerduty');
  await world.tell('monitor.updated', healthy);
  await world.tell('monitor.ended', { verdict: 'certified', why: 'fine', checks: 9, breaches: 0, measures: [] });
  await world.start();
  await world.pass(60_000);
  expect(server.received).toEqual([]);
  expect(await world.waiting()).toBe(0);
});

test('a blind watch pages, and seeing again resolves it', async () => {
  const { server, world } = await open('pagerduty');
  await world.tell('monitor.blind', { source: 'metrics', checks: 3, detail: 'ECONNREFUSED' });
  await world.tell('escalation.started', { ...INCIDENT, kind: 'blind', about: 'the watch is blind: metrics (ECONNREFUSED)' });
  await world.tell('monitor.sighted', { source: 'metrics', checks: 1 });
  await world.start();
  await world.until(() => server.received.length === 2);
  expect(server.received.map(({ body }) => body)).toMatchObject([{ event_action: 'trigger' }, { event_action: 'resolve' }]);
});

test.each([
  ['errors', status(503)],
  ['hangs', hang],
  ['limits', status(429, { 'retry-after': '1' })],
])('PagerDuty that %s is asked until it answers: its key folds repetitions', async (_title, answer) => {
  const { server, world } = await open('pagerduty', answer === hang ? 300 : undefined);
  server.next.push(answer, answer, answer, answer);
  await world.tell('escalation.started', INCIDENT);
  await world.start();
  await world.until(async () => {
    await world.pass(300_000);
    return (await world.waiting()) === 0;
  });
  expect(server.received).toHaveLength(5);
  expect(await world.said('notice.lost')).toEqual([]);
});

test('a page that a killed process was sending goes out with the next one', async () => {
  const { server, world } = await open('pagerduty');
  await world.tell('escalation.started', INCIDENT);
  const stuck: Sender = { idempotent: true, send: () => new Promise(() => {}), close: () => {} };
  for (let kill = 0; kill < 4; kill += 1) {
    await world.start({ pagerduty: stuck });
    await world.clock.later(5_000);
  }
  await world.start();
  await world.clock.later(5_000);
  await world.until(() => server.received.length === 1);
});

test('neither address nor key stands in what is told', async () => {
  const { server, world } = await open('teams');
  await server.stop();
  await world.start();
  await world.until(async () => {
    await world.pass(60_000);
    return (await world.said('notice.late')).length === 1;
  });
  expect(JSON.stringify(await world.opened.store.eventsOf('d-0001'))).not.toContain('s3cret');
  expect(world.clock.now()).toBeGreaterThan(NOON);
});

test('what a server says back is told without the address it was sent to, also where it is cut', async () => {
  const { server, world } = await open('teams');
  for (let at = 0; at < 9; at += 1)
    server.next.push((response) => {
      response.writeHead(400);
      response.end(`<html>${'x'.repeat(190)} ${server.url}/hook?sig=s3cret was refused</html>`);
    });
  await world.start();
  await world.until(async () => {
    await world.pass(60_000);
    return (await world.said('notice.lost')).length > 0;
  });
  expect(JSON.stringify(await world.opened.store.eventsOf('d-0001'))).not.toMatch(/s3cret|sig=/);
});
