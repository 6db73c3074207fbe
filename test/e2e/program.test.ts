// Real processes on one data folder, with Slack on the other side: what people see when a bot is stopped, split in two, or cannot reach Slack.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createStage, type Stage, until, wholeStory } from '../fixtures/e2e/program.ts';

const LOCKED = /database is locked|SQLITE_BUSY/;

async function newest({ bot }: Stage, tag: string): Promise<string> {
  return until(`a deploy of ${tag} is asked for`, async () => (await bot.opened.store.requests({})).find((found) => found.tag === tag)?.id);
}

/** When the request's story first held this event, and what it held with it. */
async function reached({ bot }: Stage, request: string, type: string, step?: string) {
  return until(`${type} ${step ?? ''}`, async () => {
    const events = await bot.opened.store.eventsOf(request);
    return events.find((told) => told.type === type && (step === undefined || ('step' in told.data && told.data.step === step)));
  });
}

async function expectLive(stage: Stage, request: string, tag: string): Promise<void> {
  await reached(stage, request, 'request.ended');
  const { store, audit } = stage.bot.opened;
  expect((await store.request(request))?.state).toBe('succeeded');
  expect((await store.liveDeployment('production'))?.tag).toBe(tag);
  const answer = await stage.bot.ports.http.get(`${stage.bot.publicUrl}/health`, { timeoutMs: 5_000 });
  expect(answer.kind === 'answered' && JSON.parse(answer.body).version).toBe(tag);
  expect((await audit.verifyChain()).broken).toBeNull();
}

test('SIGTERM in the middle of a deploy leaves it to the next process, which goes on in the same card and thread', {
  timeout: 90_000,
}, async () => {
  const stage = await createStage();
  const first = await stage.start('all');
  await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
  const request = await newest(stage, 'v2.0.0');
  await reached(stage, request, 'step.started', 'build');
  const card = await until('the card is there', () => stage.cards()[0]);
  const answers = stage.slack.ephemerals.length;

  await stage.type('U0BOB', 'status');
  const toldAt = performance.now();
  first.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - toldAt).toBeLessThan(10_000);
  expect(await stage.bot.opened.store.jobs({ open: true })).toMatchObject([{ requestId: request, step: 'build', owner: null }]);
  expect(stage.slack.sockets.size).toBe(0);

  stage.openGate();
  const second = await stage.start('all');
  const resumed = await reached(stage, request, 'job.resumed');
  // Five seconds are promised, and held in `npm run test:crash`; here others may be using the machine.
  expect(resumed.at - second.startedAt).toBeLessThan(20_000);
  await expectLive(stage, request, 'v2.0.0');
  expect((await wholeStory(stage, request)).ts).toBe(card.ts);
  // What was acked before the end is answered, by the one process or the other.
  expect(stage.slack.ephemerals.slice(answers).filter(({ user }) => user === 'U0BOB')).toHaveLength(1);
});

async function expectPages(said: string, request: string): Promise<void> {
  const base = `http://127.0.0.1:${/on port (\d+)/.exec(said)?.[1]}`;
  const health = await fetch(`${base}/healthz`);
  expect([health.status, await health.json()]).toMatchObject([200, { ok: true, deaf: false, stuck: false, outbox: { waiting: 0 } }]);
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toMatch(/^dhash_jobs_open 0$/m);
  expect(await (await fetch(`${base}/reports/`)).text()).toContain(`<a href="${request}.html">${request}</a>`);
  expect(await (await fetch(`${base}/reports/${request}.md`)).text()).toContain('v2.0.0');
  expect(JSON.stringify(await (await fetch(`${base}/reports/${request}.json`)).json())).toContain(request);
  for (const outside of ['%2e%2e%2fdhash.db', '..%2fdhash.db', 'nothing.md'])
    expect((await fetch(`${base}/reports/${outside}`)).status).toBe(404);
}

test('a bot, a worker and a shell share one data folder', { timeout: 90_000 }, async () => {
  const stage = await createStage({ approvals: { required: 2, fromOps: 1, expiresAfter: '1h' } });
  const bot = await stage.start('bot');
  await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
  const request = await newest(stage, 'v2.0.0');
  const worker = await stage.start('worker');
  await stage.click('U0BOB', 'approve');
  const shells = [stage.dhash('approve', request), stage.dhash('status', '--json'), stage.dhash('history', '--json')];
  expect(await Promise.all(shells.map(({ exited }) => exited))).toEqual(shells.map(() => ({ code: 0, signal: null })));
  expect(shells[1]?.said()).toContain(request);
  await reached(stage, request, 'step.started', 'build');
  stage.openGate();
  await expectLive(stage, request, 'v2.0.0');

  const backup = stage.dhash('backup', 'create', '--env', 'production');
  expect(await backup.exited, backup.said()).toEqual({ code: 0, signal: null });
  await wholeStory(stage, request);
  const approvals = (await stage.bot.opened.store.request(request))?.approvals;
  expect(approvals?.map(({ by }) => `${by.id} ${by.surface}`)).toEqual(['U0BOB slack', 'U0OPS shell']);
  await expectPages(bot.said(), request);
  for (const program of [bot, worker]) program.kill('SIGTERM');
  for (const program of [bot, worker]) expect(await program.exited, program.said()).toEqual({ code: 0, signal: null });
  for (const program of [bot, worker, ...shells, backup]) expect(program.said()).not.toMatch(LOCKED);
});

test('a deploy goes on while Slack is away, and the story arrives afterwards, whole, in order, once', { timeout: 90_000 }, async () => {
  const stage = await createStage();
  await stage.start('all');
  stage.slack.outage = { kind: 'status', status: 503, after: false };
  await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
  const request = await newest(stage, 'v2.0.0');
  await reached(stage, request, 'step.started', 'build');
  // From here on its port refuses every connection, and the sockets are gone.
  await stage.slack.vanish();
  stage.openGate();
  await expectLive(stage, request, 'v2.0.0');
  expect(stage.slack.channels.get('C0OPS')).toEqual([]);

  // The first message is stored, but its answer never comes.
  stage.slack.outage = null;
  await stage.slack.comeBack();
  stage.slack.next('chat.postMessage', { kind: 'hang', after: true });
  await wholeStory(stage, request);
  await until('it listens again', () => stage.slack.sockets.size === 2);
});

test('a bot whose log nobody takes any more answers on, and does not complain of that to nobody for ever', {
  timeout: 60_000,
}, async () => {
  const stage = await createStage();
  const program = await stage.start('all');
  program.hangUp();
  const answered = () => stage.slack.ephemerals.length;
  for (const text of ['help', 'health', 'status']) {
    const before = answered();
    await stage.type('U0BOB', text);
    await until(`${text} is answered`, () => answered() > before);
  }
  // Its complaint about the first one that failed would be the next one that fails, hundreds a second.
  const writes = () => Number(/syscw: (\d+)/.exec(readFileSync(`/proc/${program.pid}/io`, 'utf8'))?.[1]);
  const before = writes();
  await stage.type('U0BOB', 'help');
  await until('it is answered as well', () => answered() === 4);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(writes() - before).toBeLessThan(150);
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: 0, signal: null });
});
