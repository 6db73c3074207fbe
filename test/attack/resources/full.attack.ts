import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createStage, type Program, type Stage, until, wholeStory } from '../../fixtures/e2e/program.ts';
import { mayMount, smallDisk } from './disk.ts';

const BUILD_AT_ONCE = { build: [[process.execPath, '--version']] };

async function deployed(stage: Stage, program: Program, tag: string): Promise<string> {
  const { store } = stage.bot.opened;
  const known = new Set((await store.requests({})).map(({ id }) => id));
  await stage.type('U0LEAD', `deploy ${tag} --no-monitor --override "after the trouble"`);
  const request = await until(
    `${tag} is asked for`,
    async () => (await store.requests({})).find(({ id }) => !known.has(id))?.id,
    program.said,
  );
  await until(`${tag} has ended`, async () => (await store.request(request))?.state !== 'open', program.said, 120_000);
  expect((await store.request(request))?.state, program.said()).toBe('succeeded');
  await wholeStory(stage, request);
  return request;
}

test.skipIf(!mayMount)(
  'a disk that is full is told to who asks and in the log, and a bot that has room again needs no restart',
  {
    timeout: 300_000,
  },
  async () => {
    // As much as the checklist wants for a backup, and a little more.
    const disk = smallDisk(400);
    const stage = await createStage();
    const program = await stage.start('all');
    const { store } = stage.bot.opened;

    disk.fill();
    const refused = await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
    expect(JSON.stringify(refused)).toMatch(/could not be stored|disk/);
    expect(await store.requests({})).toEqual([]);
    disk.free();

    await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
    const request = await until('it is asked for', async () => (await store.requests({}))[0]?.id, program.said);
    await until('it builds', async () => (await store.jobs({ open: true }))[0]?.step === 'build', program.said);
    disk.fill();
    stage.openGate();
    await until('the log says so', () => /disk is full|ENOSPC/.test(program.said()), program.said);
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    const lines = program.said().split('\n').length;
    disk.free();
    await until('it has ended', async () => (await store.request(request))?.state !== 'open', program.said, 120_000);
    expect(lines, 'lines of log').toBeLessThan(200);
    await wholeStory(stage, request);
    const failure = (await store.jobs({ requestId: request }))[0]?.failure ?? null;
    if (failure !== null) expect(`${failure.message} ${failure.hint}`).toMatch(/ENOSPC|full|df -h/);

    await deployed(stage, program, failure === null ? 'v2.1.0' : 'v2.0.0');
    expect((await stage.bot.opened.audit.verifyChain()).broken).toBeNull();
  },
);

test('without a file descriptor left nothing is lost, and with some again everything goes on', { timeout: 300_000 }, async () => {
  const stage = await createStage(BUILD_AT_ONCE);
  const program = await stage.start('all');
  await deployed(stage, program, 'v2.0.0');
  const limit = (files: number) => execFileSync('prlimit', ['--pid', String(program.pid), `--nofile=${files}:`]);
  const { store } = stage.bot.opened;

  limit(readdirSync(`/proc/${program.pid}/fd`).length);
  await stage.type('U0LEAD', 'deploy v2.1.0 --no-monitor --override "without descriptors"');
  await stage.type('U0BOB', 'status');
  await until(
    'the log or the person is told',
    () => /EMFILE/.test(program.said()) || /EMFILE/.test(JSON.stringify(stage.slack.ephemerals)),
  );
  limit(1_024);
  await until('nothing is open', async () => (await store.jobs({ open: true })).length === 0, program.said, 120_000);
  const live = (await store.liveDeployment('production'))?.tag;
  if (live === 'v2.0.0') await deployed(stage, program, 'v2.1.0');
  expect((await store.liveDeployment('production'))?.tag).toBe('v2.1.0');
});
