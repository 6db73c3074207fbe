import { afterEach, expect, test } from 'vitest';
import { MAYBES } from '../../src/notify/deliver.ts';
import { messageId } from '../../src/notify/mail.ts';
import type { Sender } from '../../src/notify/outcome.ts';
import { INCIDENT, live, RULE_MET } from '../support/log.ts';
import { type MailServer, mailServer, silentServer } from '../support/notify/smtp.ts';
import { LISTS, type NotifyWorld, notifyWorld } from '../support/notify/world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function withServer(): Promise<{ readonly server: MailServer; readonly world: NotifyWorld }> {
  const server = await mailServer();
  ends.push(server.stop);
  return { server, world: started(notifyWorld({ smtpUrl: server.url })) };
}

function started(world: NotifyWorld): NotifyWorld {
  ends.push(world.stop);
  return world;
}

const NEXT_TRY_MS = 300_000;
const ended = { verdict: 'certified', why: 'all good', checks: 120, breaches: 0, measures: [] } as const;

test('stakeholders get what concerns them, in order, each once, as text and as HTML', async () => {
  const { server, world } = await withServer();
  await world.play(live().events());
  await world.start();
  await world.until(() => server.received.length === 2);
  const [first, second] = server.received;
  expect(first?.to).toBe('ana@ops.test');
  expect(first?.raw).toContain('Subject: [mobius-dhash production] v2.1.0 is about to be deployed to production');
  expect(second?.raw).toContain('Subject: [mobius-dhash production] OK: v2.1.0 is live in production');
  expect(second?.raw).toMatch(/Content-Type: text\/plain[\s\S]*Content-Type: text\/html/);
  expect(second?.raw).toContain(`In-Reply-To: ${messageId('thread:d-0001', 'dhash@ops.test')}`);
  expect(await world.waiting()).toBe(0);
  await world.start();
  await world.pass(NEXT_TRY_MS);
  expect(server.received).toHaveLength(2);
});

test('the emergency list hears of what is critical, once for each incident; the stakeholders do not', async () => {
  const { server, world } = await withServer();
  await world.play(live().events());
  await world.tell('monitor.breached', { gate: 'health', value: 'not healthy', threshold: 'answers 2xx', failures: 3, rollback: null });
  const about = 'health is not healthy, want answers 2xx';
  await world.tell('escalation.started', { ...INCIDENT, kind: 'down', about });
  await world.tell('monitor.rule-met', RULE_MET);
  await world.start();
  await world.until(() => server.received.length === 3);
  const urgent = server.received.filter(({ to }) => to === 'bob@ops.test');
  expect(urgent).toHaveLength(1);
  expect(urgent[0]?.raw).toContain('Subject: [mobius-dhash production] ALERT: Act now: Breach in production: health is not healthy');
});

test('while the server is down everything is kept, people are told once, and it all arrives when it is back', async () => {
  const { server, world } = await withServer();
  await server.stop();
  await world.play(live().events());
  await world.start();
  for (let round = 0; round < 6; round += 1) {
    await world.until(async () => (await world.opened.notices.head('mail:ana@ops.test'))?.state === 'pending');
    await world.pass(NEXT_TRY_MS);
  }
  await world.until(async () => (await world.said('notice.late')).length === 1);
  expect(await world.said('notice.late')).toMatchObject([{ to: 'E-mail to ana@ops.test', notice: 'announcement', code: 'ESOCKET' }]);
  const back = await mailServer(Number(new URL(server.url).port));
  ends.push(back.stop);
  await world.until(async () => {
    await world.pass(NEXT_TRY_MS);
    return back.received.length === 2;
  });
  expect(await world.said('notice.late')).toHaveLength(1);
  expect(await world.said('notice.lost')).toEqual([]);
});

test('a recipient who is refused for good is told as lost, and keeps nobody else waiting', async () => {
  const { server, world } = await withServer();
  server.be('refuses-recipient');
  await world.play(live().events());
  const notifier = await world.start();
  await world.until(async () => (await world.said('notice.lost')).length === 2);
  expect((await world.said('notice.lost'))[0]).toMatchObject({ code: 'smtp-550', detail: expect.stringContaining('no such user') });
  server.be('well');
  await world.tell('monitor.ended', ended);
  await world.clock.later(1_000);
  await world.until(() => server.received.length === 1);
  expect(notifier.health()).toMatchObject({ sent: 1, lost: 2, trouble: [] });
});

test('a greylisting server is asked again, quietly', async () => {
  const { server, world } = await withServer();
  server.be('greylists');
  await world.play(live().events());
  const notifier = await world.start();
  await world.until(() => notifier.health().trouble.length === 1);
  expect(notifier.health().trouble).toMatchObject([{ channel: 'mail:ana@ops.test', code: 'smtp-451' }]);
  server.be('well');
  await world.pass(NEXT_TRY_MS);
  await world.until(() => server.received.length === 2);
  expect(await world.said('notice.late')).toEqual([]);
});

test('a server that hangs is given up on in time, and tried again', async () => {
  const silent = await silentServer();
  ends.push(silent.stop);
  const world = started(notifyWorld({ smtpUrl: silent.url }, { mail: { ...LISTS, timeout: 300 } }));
  await world.play(live().events());
  const notifier = await world.start();
  await world.until(() => notifier.health().trouble.length === 1);
  expect(notifier.health().trouble[0]?.code).toBe('ETIMEDOUT');
  expect(await world.waiting()).toBe(2);
});

test('after lost answers a message comes at most three times, always under the same Message-ID, and then is told as lost', async () => {
  const { server, world } = await withServer();
  server.be('drops-after-data');
  await world.play(live().events());
  await world.start();
  await world.until(async () => {
    await world.pass(NEXT_TRY_MS);
    return (await world.said('notice.lost')).length === 2;
  });
  const ids = server.unanswered.map((raw) => /^Message-ID: (.+)$/m.exec(raw)?.[1]);
  expect(ids).toHaveLength((MAYBES + 1) * 2);
  expect(new Set(ids).size).toBe(2);
  expect((await world.said('notice.lost'))[0]?.detail).toBe('it may have arrived: no answer 3 times');
});

test('a process killed while sending loses nothing: the next one repeats it, and counts that', async () => {
  const { server, world } = await withServer();
  await world.play(live().events());
  const stuck: Sender = { idempotent: false, send: () => new Promise(() => {}), close: () => {} };
  for (let kill = 0; kill < 2; kill += 1) {
    await world.start({ mail: stuck });
    await world.clock.later(5_000);
  }
  await world.start();
  await world.clock.later(5_000);
  await world.until(() => server.received.length === 2);
  expect(await world.said('notice.lost')).toEqual([]);
  expect(await world.waiting()).toBe(0);
});

test('however often it is killed while sending, the bound holds and the queue goes on', async () => {
  const { server, world } = await withServer();
  await world.play(live().events());
  let sends = 0;
  const stuck: Sender = {
    idempotent: false,
    send: () => {
      sends += 1;
      return new Promise(() => {});
    },
    close: () => {},
  };
  for (let kill = 0; kill < 3; kill += 1) {
    await world.start({ mail: stuck });
    await world.clock.later(5_000);
  }
  expect(sends).toBe(MAYBES + 1);
  await world.start();
  await world.clock.later(5_000);
  await world.until(() => server.received.length === 1);
  expect(await world.said('notice.lost')).toMatchObject([{ code: 'unknown', notice: 'announcement' }]);
});

test('own wording with an open placeholder is not sent, and the thread hears which', async () => {
  const server = await mailServer();
  ends.push(server.stop);
  const world = started(notifyWorld({ smtpUrl: server.url }, { wording: { success: { title: null, text: 'Since [DATE]' } } }));
  await world.play(live().events());
  await world.start();
  await world.until(async () => (await world.said('notice.lost')).length === 1);
  expect(await world.said('notice.lost')).toMatchObject([
    { code: 'placeholder', notice: 'success', detail: expect.stringContaining('[DATE]') },
  ]);
  expect(server.received.map(({ raw }) => raw).join('')).not.toContain('Since [DATE]');
});

test('what cannot be sent within a day is given up, and said so', async () => {
  const world = started(notifyWorld({ smtpUrl: 'smtp://127.0.0.1:1' }));
  await world.play(live().events());
  await world.start();
  await world.until(async () => (await world.opened.notices.head('mail:ana@ops.test'))?.state === 'pending');
  await world.pass(25 * 3_600_000);
  await world.until(async () => (await world.said('notice.lost')).length === 2);
  expect(await world.said('notice.lost')).toMatchObject([{ code: 'too-old' }, { code: 'too-old' }]);
});
