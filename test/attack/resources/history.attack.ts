import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createStage, until } from '../../fixtures/e2e/program.ts';

const DAYS = 30;
const DEPLOYS_A_DAY = 20;
const DAY_MS = 86_400_000;
/** Memory that a month of deploys may take beside what a bot without a past has. */
const MORE_MB = 60;

test('a bot with thirty days of deploys behind it starts, answers and shows its reports in as little memory as a new one', {
  timeout: 400_000,
}, async () => {
  const stage = await createStage({ build: [[process.execPath, '--version']] });
  const { store, outbox, audit } = stage.bot.opened;
  const request = await stage.bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  expect((await stage.bot.work()).code).toBe(0);
  const memoryMb = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  const fresh = await stage.start('all');
  await until('the first story is told', async () => (await outbox.cursor('slack')) > 0 && (await outbox.channels()).length === 0);
  const freshMb = memoryMb(fresh.pid);
  fresh.kill('SIGTERM');
  await fresh.exited;

  const [made, story] = [await store.request(request), await store.eventsOf(request)];
  if (made === null) throw new Error('no request');
  for (let n = 0; n < DAYS * DEPLOYS_A_DAY; n += 1) {
    const at = made.at - DAYS * DAY_MS + (n * DAY_MS) / DEPLOYS_A_DAY;
    const id = `d-h${n}`;
    const again = story.map(({ seq: _, at: __, prevHash: ___, hash: ____, ...told }) => ({ ...told, requestId: id, jobId: `j-h${n}` }));
    await store.commit([{ kind: 'request.create', request: { ...made, id, at, dedupeKey: id } }], again, at);
  }
  const head = (await store.head())?.seq ?? 0;
  await outbox.enqueue([], { name: 'slack', from: await outbox.cursor('slack'), to: head });

  const program = await stage.start('all');
  const page = `http://127.0.0.1:${/on port (\d+)/.exec(program.said())?.[1]}`;
  for (const text of ['status', 'history', 'status']) {
    const answers = stage.slack.ephemerals.length;
    await stage.type('U0BOB', text);
    await until(`${text} is answered`, () => stage.slack.ephemerals.length > answers, program.said);
  }
  expect((await fetch(`${page}/reports/`)).status).toBe(200);
  expect(await (await fetch(`${page}/metrics`)).text()).toContain(`dhash_events ${head}`);
  const usedMb = memoryMb(program.pid);
  process.stdout.write(`${head} events: ${Math.round(usedMb)} MB, a bot without a past ${Math.round(freshMb)} MB\n`);
  expect(usedMb - freshMb).toBeLessThan(MORE_MB);
  expect((await audit.verifyChain()).broken).toBeNull();
});
