// Kills a real worker at one place, lets a second one take over, and looks whether the world is as if nothing had happened.

import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { JOBS } from '../../src/jobs/registry.ts';
import { tellStory } from '../../src/templates/story.ts';
import type { Bot } from '../fixtures/e2e/bot.ts';

/** One before and one after the commit that ends each step, and the job itself; found by the code. */
export function labelsOf(job: 'deploy' | 'rollback'): readonly string[] {
  const notHere = job === 'deploy' ? ['approvals'] : ['stop-live'];
  const steps = JOBS[job].steps.map(({ name }) => name).filter((name) => !notHere.includes(name));
  const places = [...steps.map((name) => `step.finished:${name}`), 'job.ended'];
  return places.flatMap((place) => [`before:${place}`, `after:${place}`]);
}

const RESUME_WITHIN_MS = 5_000;

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
  if (next === undefined) return null;
  expect(next.at - resumed.startedAt).toBeLessThan(RESUME_WITHIN_MS);
  return next.at - resumed.startedAt;
}

async function expectAsIfNothingHappened(bot: Bot, request: string, tag: string): Promise<void> {
  const { store, audit } = bot.opened;
  const environment = bot.opened === undefined ? null : (await store.request(request))?.environment;
  expect(environment).toBe('production');
  expect((await store.request(request))?.state).toBe('succeeded');
  const answer = await bot.ports.http.get(`${bot.publicUrl}/health`, { timeoutMs: 2_000 });
  expect(answer.kind === 'answered' && JSON.parse(answer.body).version).toBe(tag);
  expect((await store.liveDeployment('production'))?.tag).toBe(tag);
  expect((await readFile(join(bot.root, 'VERSION'), 'utf8')).trim()).toBe(tag);
  expect(await readlink(join(bot.root, 'current'))).toContain(tag);
  expect(await store.lock('production')).toBeNull();
  expect(await store.jobs({ open: true })).toEqual([]);
  await expectOneSlot(bot);
  await expectOneStory(bot, request);
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
  for (const once of ['request.made', 'version.live', 'job.ended', 'request.ended', 'traffic.measured']) {
    expect(
      story.filter(({ type }) => type === once),
      once,
    ).toHaveLength(1);
  }
  const people = { reviewers: [], ops: [], deployLead: null, oncall: null, mediaEng: null, engineeringManager: null, shell: {} };
  const keys = story.flatMap((told, at) => tellStory(told, story.slice(0, at + 1), people)).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  const files = (await readdir(join(bot.root, 'backups'))).filter((name) => name.endsWith('.zip'));
  expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
  const made = story.filter(({ type }) => type === 'backup.created');
  expect(made).toHaveLength(1);
}
