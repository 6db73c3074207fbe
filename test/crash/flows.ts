// What people do in Slack, from their first word to the last message, whatever happens to the bot meanwhile; and how the world looks after it.

import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Request } from '../../src/core/request.ts';
import { alone, expectAlone } from '../fixtures/crash/alone.ts';
import { createSurvivor, type Survivor } from '../fixtures/crash/survivor.ts';
import { expectTidy, expectToldOnce, expectWorld, startsOf, zipsOf } from '../fixtures/crash/world.ts';
import { type Stage, wholeStory } from '../fixtures/e2e/program.ts';
import { startLoad } from '../fixtures/service/load.ts';

export const FLOWS = {
  /** Asked for, approved by two people, gone live, watched to its end. */
  deploy: (bot: Survivor) => moved(bot, { from: 'v2.0.0', to: 'v2.1.0', backups: 1 }, () => deploy(bot, 'v2.1.0')),
  /** Asked for in a shell, as another process of the same data folder. */
  rollback: (bot: Survivor) => moved(bot, { from: 'v2.1.0', to: 'v2.0.0', backups: 1 }, () => bot.stage.bot.ask(['rollback'])),
  /** A deploy whose smoke tests fail after the switch: it goes back by itself. */
  'way back': (bot: Survivor) => wentBack(bot),
  backup: (bot: Survivor) => backedUp(bot),
} as const;
export type FlowName = keyof typeof FLOWS;

/** A bot with v2.0.0 live. The machine's own load is nobody's breach here. */
export async function openSurvivor(): Promise<Survivor> {
  const beside = join(tmpdir(), `dhash-crash-${randomBytes(6).toString('hex')}`);
  const [smokeFails, runs] = [`${beside}-smoke-fails`, `${beside}-runs`];
  const script = `process.exit(require('fs').existsSync(${JSON.stringify(smokeFails)}) ? 1 : 0)`;
  const bot = await createSurvivor({
    build: [alone(runs)],
    migrate: [alone(runs)],
    checklist: ['backup'],
    approvals: { required: 2, fromOps: 1, expiresAfter: '1h' },
    monitor: { duration: '1s', afterRollback: '1s', updates: ['0m'], interval: '500ms' },
    rollback: { mode: 'observe' },
    smoke: [
      { name: 'health', get: '/health', expect: 200, critical: true },
      { name: 'switchable', run: [process.execPath, '-e', script], critical: true },
    ],
  });
  await writeFile(join(dirname(bot.stage.bot.configFile), 'quality-gates.json'), JSON.stringify(CALM));
  files.set(bot, { smokeFails, runs });
  onTestFinished(async () => {
    for (const path of [smokeFails, runs]) await rm(path, { force: true });
  });
  await bot.startDying([]);
  const request = await deploy(bot, 'v2.0.0');
  await over(bot, request);
  return bot;
}

/** What makes the smoke tests fail while it is there, and where commands note that they ran. */
const files = new WeakMap<Survivor, { readonly smokeFails: string; readonly runs: string }>();

const CALM = {
  quality_gates: {
    audio: { lufs_tolerance: 1, true_peak_tolerance: 1, units: 'dB' },
    video: { ssim_threshold: 0.995, frame_rate_tolerance: 0.1, resolution_exact: '1920x1080' },
    performance: { response_time_max: 30_000, error_rate_max: 99, cpu_usage_max: 100, memory_usage_max: 100 },
    monitoring: { check_interval: 30, failure_threshold: 3, recovery_threshold: 5 },
  },
};

async function deploy(bot: Survivor, tag: string): Promise<string> {
  const { store } = bot.stage.bot.opened;
  const request = await asked(bot, 'deploy', (stage) => stage.type('U0LEAD', `deploy ${tag} --override "out and back at each place"`));
  for (const user of ['U0BOB', 'U0OPS']) {
    const approved = async () => (await store.eventsOf(request, ['approval.given'])).some(({ actor }) => actor?.id === user);
    await bot.eventually('approvals are asked for', async () => (await store.eventsOf(request, ['approvals.opened'])).length > 0);
    await bot.insist((stage) => stage.click(user, 'approve'), approved);
    await bot.eventually(`${user} has approved`, approved);
  }
  return request;
}

/** Says it until it is acked; answers the id of the first request that was made. */
async function asked(bot: Survivor, kind: Request['kind'], say: (stage: Stage) => Promise<unknown>): Promise<string> {
  const { store } = bot.stage.bot.opened;
  const before = new Set((await store.requests({})).map(({ id }) => id));
  const made = async () => (await store.requests({})).findLast((one) => one.kind === kind && !before.has(one.id))?.id;
  await bot.insist(say, async () => (await made()) !== undefined);
  return bot.eventually(`the ${kind} is accepted`, made);
}

/** The request and all its jobs are over, and its whole story is told. Answers its id. */
async function over(bot: Survivor, request: string): Promise<string> {
  const { store, outbox } = bot.stage.bot.opened;
  await bot.eventually(`${request} is over`, async () => (await store.request(request))?.state !== 'open');
  for (const { id, name } of await store.jobs({ requestId: request }))
    await bot.eventually(`the ${name} is over`, async () => (await store.job(id))?.finishedAt !== null);
  await bot.eventually('no job is open', async () => (await store.jobs({ open: true })).length === 0);
  await bot.eventually('all is told', async () => {
    const last = (await store.head())?.seq ?? 0;
    return (await outbox.cursor('slack')) >= last && (await outbox.channels()).length === 0;
  });
  await wholeStory(bot.stage, request);
  expectAlone(files.get(bot)?.runs ?? '');
  await expectTidy(bot.stage.bot);
  return request;
}

/** Only one request may come of it, one start of the version, one move of the traffic without a failed answer, and so many backups. */
async function moved(
  survivor: Survivor,
  of: { readonly from: string; readonly to: string; readonly backups: number },
  act: () => Promise<string>,
): Promise<void> {
  const { bot } = survivor.stage;
  const zips = await zipsOf(bot);
  const starts = await startsOf(bot, of.to);
  const known = await bot.opened.store.requests({});
  const load = startLoad(`${bot.publicUrl}/health`, { keepAlive: false, everyMs: 100 });
  const end = async () => over(survivor, await act());
  const request = await end().finally(load.end);
  const { answers, failures } = await load.end();
  await expectWorld(bot, request, 'succeeded', of.to);
  const story = await bot.opened.store.eventsOf(request);
  expectToldOnce(story, ['request.made', 'version.live', 'request.ended', 'traffic.measured', 'monitor.started', 'monitor.ended']);
  expect(story.filter(({ type }) => type === 'backup.created')).toHaveLength(of.backups);
  expect(await zipsOf(bot)).toHaveLength(zips.length + of.backups);
  expect(await startsOf(bot, of.to)).toBe(starts + 1);
  expect(await bot.opened.store.requests({})).toHaveLength(known.length + 1);
  expect(failures).toEqual([]);
  expect(answers.map(({ version }) => version).filter((version, at, all) => version !== all[at - 1])).toEqual([of.from, of.to]);
}

async function wentBack(survivor: Survivor): Promise<void> {
  const { bot } = survivor.stage;
  const { smokeFails: smoke = '' } = files.get(survivor) ?? {};
  await writeFile(smoke, '');
  try {
    const request = await deploy(survivor, 'v2.1.0');
    await over(survivor, request);
    await expectWorld(bot, request, 'failed', 'v2.0.0');
    const story = await bot.opened.store.eventsOf(request);
    const ended = story.find((told) => told.type === 'job.ended' && told.data.name === 'deploy');
    expect(ended?.data).toMatchObject({ failure: { step: 'smoke' } });
    expectToldOnce(story, ['request.made', 'request.ended']);
  } finally {
    await rm(smoke, { force: true });
  }
}

async function backedUp(survivor: Survivor): Promise<void> {
  const { bot } = survivor.stage;
  const before = { zips: await zipsOf(bot), requests: await bot.opened.store.requests({}) };
  const request = await asked(survivor, 'backup', (stage) => stage.type('U0OPS', 'backup create'));
  await over(survivor, request);
  await expectWorld(bot, request, 'succeeded', 'v2.0.0');
  // Who got no answer asked twice; then there are two, and each was made once.
  const made = (await bot.opened.store.requests({})).length - before.requests.length;
  expect(await zipsOf(bot)).toHaveLength(before.zips.length + made);
  expectToldOnce(await bot.opened.store.eventsOf(request), ['request.made', 'backup.created', 'request.ended']);
}
