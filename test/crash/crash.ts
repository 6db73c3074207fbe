// Kills a real worker at one place, lets a second one take over, and looks whether the world is as if nothing had happened.

import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StoredEvent } from '../../src/core/event.ts';
import { JOBS } from '../../src/jobs/registry.ts';
import { tellStory } from '../../src/templates/story.ts';
import { type Bot, createBot } from '../fixtures/e2e/bot.ts';

/** One before and one after the commit that ends each step, and the job itself; found by the code. */
export function labelsOf(job: 'deploy' | 'rollback'): readonly string[] {
  // Nobody is asked, nothing is watched and data is left as it is: these steps are not in the plan.
  const notHere = job === 'deploy' ? ['approvals', 'first-look', 'baseline'] : ['stop-live'];
  const steps = JOBS[job].steps.map(({ name }) => name).filter((name) => !notHere.includes(name));
  const places = [...steps.map((name) => `step.finished:${name}`), 'job.ended'];
  return places.flatMap((place) => [`before:${place}`, `after:${place}`]);
}

/** Around what the steps do to the host: the world has moved, and no commit tells of it yet. */
export function callsOf(job: 'deploy' | 'rollback'): readonly string[] {
  const both = [
    'backups.create',
    'slots.start',
    'slots.ready',
    'commands.run',
    'traffic.switchTo',
    'traffic.drain',
    'slots.stop',
    'releases.mark',
  ];
  const own = job === 'deploy' ? ['releases.fetch', 'releases.linkShared'] : ['backups.verify', 'backups.restore'];
  const calls = [...both.filter((call) => job === 'deploy' || call !== 'commands.run'), ...own];
  return calls.flatMap((call) => [`before:call:${call}`, `after:call:${call}`]);
}

/** The way back after failing smoke tests, which is after the switch: its steps, and the second call of what the way there called once. */
export const WAY_BACK: readonly string[] = [
  'step.failed',
  ...JOBS.deploy.back.map(({ name }) => `step.finished:${name}`).filter((place) => !place.endsWith('restore-markers')),
  'job.ended',
  'call:slots.start#2',
  'call:traffic.switchTo#2',
  'call:traffic.drain#2',
].flatMap((place) => [`before:${place}`, `after:${place}`]);

/** A file that makes the smoke tests of `createCrashBot` fail while it is there. */
const smokeFails = (dir: string) => join(dir, 'smoke-fails');

/** A bot with v2.0.0 live. */
export async function createCrashBot(dir: string): Promise<Bot> {
  const script = `process.exit(require('fs').existsSync(${JSON.stringify(smokeFails(dir))}) ? 1 : 0)`;
  const smoke = [
    { name: 'health', get: '/health', expect: 200, critical: true },
    { name: 'switchable', run: [process.execPath, '-e', script], critical: true },
  ];
  const bot = await createBot(dir, undefined, { smoke });
  await bot.ask(['deploy', 'v2.0.0', '--no-monitor']);
  expect((await bot.work()).code).toBe(0);
  return bot;
}

/** Deploys v2.1.0 with smoke tests that fail, or v2.1.1, which exits at its start; a kill at `label` on the way back; v2.0.0 stays what is live. */
export async function killOnTheWayBack(bot: Bot, dir: string, tag: 'v2.1.0' | 'v2.1.1', label: string): Promise<void> {
  await writeFile(smokeFails(dir), '');
  const request = await bot.ask(['deploy', tag, '--no-monitor', '--override', 'it goes out and back at each place']);
  const killed = await bot.work(label);
  expect(killed.signal, `${label}: the worker did not die there\n${killed.output}`).toBe('SIGKILL');
  const resumed = await bot.work();
  expect(resumed.code, resumed.output).toBe(0);
  await rm(smokeFails(dir));
  await expectWorld(bot, request, 'failed', 'v2.0.0');
  const story = await bot.opened.store.eventsOf(request);
  const ended = story.find(({ type }) => type === 'job.ended');
  expect(ended?.data).toMatchObject({ failure: { step: tag === 'v2.1.0' ? 'smoke' : 'ready' } });
  expectToldOnce(story, ['request.made', 'job.ended', 'request.ended']);
}

/** Deploys v2.1.0 (or rolls back to v2.0.0) with a kill at `label`; answers how long the second worker took to go on. */
export async function killAndResume(bot: Bot, job: 'deploy' | 'rollback', label: string): Promise<number | null> {
  const tag = job === 'deploy' ? 'v2.1.0' : 'v2.0.0';
  const deploy = ['deploy', 'v2.1.0', '--no-monitor', '--override', 'it goes out and back at each place'];
  const request = await bot.ask(job === 'deploy' ? deploy : ['rollback', '--no-monitor']);
  const killed = await bot.work(label);
  expect(killed.signal, `${label}: the worker did not die there\n${killed.output}`).toBe('SIGKILL');
  const resumed = await bot.work();
  expect(resumed.code, resumed.output).toBe(0);
  await expectAsIfNothingHappened(bot, request, tag);
  const story = await bot.opened.store.eventsOf(request);
  const next = story.find(({ at, jobId }) => at >= resumed.startedAt && jobId !== null);
  return next === undefined ? null : next.at - resumed.startedAt;
}

async function expectAsIfNothingHappened(bot: Bot, request: string, tag: string): Promise<void> {
  await expectWorld(bot, request, 'succeeded', tag);
  await expectOneStory(bot, request);
}

async function expectWorld(bot: Bot, request: string, state: 'succeeded' | 'failed', tag: string): Promise<void> {
  const { store, audit } = bot.opened;
  expect((await store.request(request))?.state).toBe(state);
  const answer = await bot.ports.http.get(`${bot.publicUrl}/health`, { timeoutMs: 2_000 });
  expect(answer.kind === 'answered' && JSON.parse(answer.body).version).toBe(tag);
  expect((await store.liveDeployment('production'))?.tag).toBe(tag);
  expect((await readFile(join(bot.root, 'VERSION'), 'utf8')).trim()).toBe(tag);
  expect(await readlink(join(bot.root, 'current'))).toContain(tag);
  expect(await store.lock('production')).toBeNull();
  expect(await store.jobs({ open: true })).toEqual([]);
  await expectOneSlot(bot);
  expect((await audit.verifyChain()).broken).toBeNull();
}

async function expectOneSlot(bot: Bot): Promise<void> {
  const answers = await Promise.all(
    [bot.ports_.blue, bot.ports_.green].map((port) => bot.ports.http.get(`http://127.0.0.1:${port}/health`, { timeoutMs: 1_000 })),
  );
  expect(answers.filter(({ kind }) => kind === 'answered')).toHaveLength(1);
  expect((await readdir(join(bot.root, 'releases'))).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
}

/** Ended once, live once, told once: every posting has a key of its own. */
async function expectOneStory(bot: Bot, request: string): Promise<void> {
  const story = await bot.opened.store.eventsOf(request);
  expectToldOnce(story, ['request.made', 'version.live', 'job.ended', 'request.ended', 'traffic.measured']);
  const files = (await readdir(join(bot.root, 'backups'))).filter((name) => name.endsWith('.zip'));
  expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
  const made = story.filter(({ type }) => type === 'backup.created');
  expect(made).toHaveLength(1);
}

function expectToldOnce(story: readonly StoredEvent[], types: readonly string[]): void {
  for (const once of types) {
    const told = story.filter(({ type }) => type === once);
    expect(told, once).toHaveLength(1);
  }
  const keys = story.flatMap((told, at) => tellStory(told, story.slice(0, at + 1))).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
}
