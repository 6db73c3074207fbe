// The real program while a folder it needs is read-only: who asks is told the path and the next step, nothing is half done, and it goes on without a restart.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createStage, type Program, type Stage, until, wholeStory } from '../../fixtures/e2e/program.ts';
import { mayMount, readOnly } from './disk.ts';

const NEXT_STEP = /findmnt -O ro/;
const MORE_MB = 60;
const memoryMb = ({ pid }: Program) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
const liveTag = async ({ bot }: Stage) => (await bot.opened.store.liveDeployment('production'))?.tag;
const folders = ({ root, configFile }: Stage['bot']) => ({
  backups: join(root, 'backups'),
  releases: join(root, 'releases'),
  'the logs': join(dirname(configFile), 'data', 'logs'),
  'the state': join(dirname(configFile), 'data'),
});

/** Everything that people were told so far: answers, cards and threads. */
const told = ({ slack }: Stage) => JSON.stringify([slack.ephemerals, slack.channels.get('C0OPS')]);

async function begun() {
  const stage = await createStage({ build: [[process.execPath, '--version']] });
  const program = await stage.start('all');
  await deployed(stage, program, 'v2.0.0');
  return { stage, program };
}

/** Asks, and waits until nothing is open. */
async function ask(stage: Stage, program: Program, tag: string): Promise<void> {
  const { store } = stage.bot.opened;
  const [answers, requests] = [stage.slack.ephemerals.length, (await store.requests({})).length];
  await stage.type('U0LEAD', `deploy ${tag} --no-monitor --override "after the trouble"`);
  await until('it is answered', () => stage.slack.ephemerals.length > answers, program.said);
  if ((await store.requests({})).length === requests) return;
  await until('nothing is open', async () => (await store.jobs({ open: true })).length === 0, program.said, 120_000);
}

async function deployed(stage: Stage, program: Program, tag: string): Promise<void> {
  await ask(stage, program, tag);
  expect(await liveTag(stage), program.said()).toBe(tag);
  const [newest] = (await stage.bot.opened.store.requests({})).toSorted((one, other) => other.at - one.at);
  await wholeStory(stage, newest?.id ?? '');
}

test.skipIf(!mayMount).each(['backups', 'releases', 'the logs', 'the state'] as const)('%s', { timeout: 300_000 }, async (what) => {
  const { stage, program } = await begun();
  const folder = folders(stage.bot)[what];
  mkdirSync(folder, { recursive: true });
  const there = () => readdirSync(join(stage.bot.root, 'releases')).toSorted();
  const [before, idleMb, saidBefore] = [there(), memoryMb(program), program.said().length];

  const writable = readOnly(folder);
  await ask(stage, program, 'v2.1.0');
  await until(
    'the person is told',
    () => told(stage).includes(folder) && NEXT_STEP.test(told(stage)),
    () => told(stage),
  );
  expect(await liveTag(stage)).toBe('v2.0.0');
  expect((await fetch(stage.bot.publicUrl)).status).toBeLessThan(500);
  expect(await stage.bot.opened.store.lock('production')).toBeNull();
  expect(there().filter((name) => name.startsWith('.'))).toEqual([]);
  if (what !== 'the logs') expect(there()).toEqual(before);

  const page = await fetch(`http://127.0.0.1:${/on port (\d+)/.exec(program.said())?.[1]}/healthz`);
  const { database } = (await page.json()) as { readonly database: { readonly hint: string } | null };
  expect([page.status, database?.hint ?? null]).toEqual(what === 'the state' ? [503, expect.stringMatching(NEXT_STEP)] : [200, null]);
  const status = stage.dhash('status');
  await status.exited;
  expect(status.said()).toMatch(NEXT_STEP);
  expect(status.said()).toContain(folder);
  expect(program.said().slice(saidBefore).split('\n').length).toBeLessThan(20);

  writable();
  await deployed(stage, program, 'v2.1.0');
  expect(memoryMb(program) - idleMb).toBeLessThan(MORE_MB);
  expect((await stage.bot.opened.audit.verifyChain()).broken).toBeNull();
});

// A database that is open stays writable in a mount over it, so its own disk is made to refuse: no file may grow.
test.skipIf(!mayMount)('the state in the middle of a deploy, with the open database', { timeout: 300_000 }, async () => {
  const stage = await createStage();
  const program = await stage.start('all');
  const { store } = stage.bot.opened;
  await stage.type('U0LEAD', 'deploy v2.0.0 --no-monitor');
  const request = await until('it is asked for', async () => (await store.requests({}))[0]?.id, program.said);
  await until('it builds', async () => (await store.jobs({ open: true }))[0]?.step === 'build', program.said);
  const [idleMb, lines] = [memoryMb(program), program.said().split('\n').length];
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(program.pid), `--fsize=${bytes}:`]);

  limit('1');
  const writable = readOnly(folders(stage.bot)['the state']);
  const refused = await stage.type('U0BOB', 'status');
  expect(JSON.stringify(refused)).toMatch(/nothing was done.*dhash\.db cannot be written.*findmnt -O ro/);
  stage.openGate();
  await until('the log says so', () => /Jobs stand still|could not carry the job on/.test(program.said()), program.said);
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  expect(program.said().split('\n').length - lines).toBeLessThan(100);
  expect(memoryMb(program) - idleMb).toBeLessThan(MORE_MB);

  writable();
  limit('unlimited');
  await until('it has ended', async () => (await store.request(request))?.state !== 'open', program.said, 120_000);
  await wholeStory(stage, request);
  if ((await liveTag(stage)) !== 'v2.0.0') await ask(stage, program, 'v2.0.0');
  expect(await liveTag(stage), program.said()).toBe('v2.0.0');
  expect((await stage.bot.opened.audit.verifyChain()).broken).toBeNull();
});

test('a start with a read-only state folder ends at once, with the path and the next step', async () => {
  if (!mayMount) return void process.stdout.write('Not root: nothing can be mounted read-only here, so this was left out.\n');
  const stage = await createStage();
  const writable = readOnly(folders(stage.bot)['the state']);
  const refused = stage.dhash('start', '--role', 'all');
  expect((await refused.exited).code).toBe(1);
  expect(refused.said()).toMatch(/dhash\.db cannot be written: the file system is read-only \(EROFS\)\n.*findmnt -O ro/);
  writable();
  await stage.start('all');
});
