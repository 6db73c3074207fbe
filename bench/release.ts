// A whole deploy and a whole way back with real processes, the built-in proxy and real requests: what the bot adds, and who is dropped.
// `node bench/release.ts [megabytes]`: how large the release of the slow way back is.

import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcessesOf } from '../demo/leftovers.ts';
import type { StoredEvent } from '../src/core/event.ts';
import { freePorts } from '../src/host/free-ports.ts';
import { type Bot, createBot } from '../test/fixtures/e2e/bot.ts';
import { startLoad } from '../test/fixtures/service/load.ts';
import { percentile, type Row, report, row } from './support/table.ts';

const megabytes = Number(argv[2] ?? 500);
/** A second on each side of the switch is "in" it. */
const AROUND_MS = 1_000;
const folder = await mkdtemp(join(tmpdir(), 'dhash-bench-'));
const rows: Row[] = [];
try {
  await quickWay();
  await slowWay();
} finally {
  await endProcessesOf(folder);
  await rm(folder, { recursive: true, force: true });
}
report(rows, { megabytes });

/** The bot's own part, and the requests from outside meanwhile. */
async function quickWay(): Promise<void> {
  const bot = await botIn('quick', {});
  await carryOut(bot, ['deploy', 'v2.0.0']);
  rows.push(added('P8', 'deploy without fetch, build, start and drain', await carryOut(bot, ['deploy', 'v2.1.0'])));
  rows.push(added('P7', 'rollback without start and drain', await carryOut(bot, ['rollback', '--emergency'])));
  for (const rate of [60, 500]) rows.push(...(await dropped(bot, rate)));
  bot.opened.close();
}

async function dropped(bot: Bot, rate: number): Promise<readonly Row[]> {
  const load = startLoad(`${bot.publicUrl}/health`, { keepAlive: true, everyMs: 1_000 / rate });
  const stories = [await carryOut(bot, ['deploy', 'v2.1.0', '--override', 'the bench goes to and fro']), await carryOut(bot, ['rollback'])];
  const { answers, failures } = await load.end();
  const switches = stories.flat().flatMap(({ type, at }) => (type === 'traffic.switched' ? [at - performance.timeOrigin] : []));
  const isIn = (sentAt: number) => switches.some((at) => Math.abs(sentAt - at) < AROUND_MS);
  const [inside, outside] = [true, false].map((wanted) =>
    percentile(
      answers.flatMap(({ sentAt, tookMs }) => (isIn(sentAt) === wanted ? [tookMs] : [])),
      0.99,
    ),
  );
  const what = `deploy and rollback at ${rate}/s`;
  return [
    {
      ...{ target: 'P9', what: `requests dropped, ${what}`, ours: `${failures.length} of ${answers.length + failures.length}` },
      ...{ peer: '', ratio: null, want: '0', met: failures.length === 0 && answers.length > 0 },
    },
    row('P9', `p99 in the switch / outside it, ms, ${what}`, inside ?? Number.NaN, outside ?? Number.NaN, 3),
  ];
}

/** A release of many megabytes that has to come out of its backup again. */
async function slowWay(): Promise<void> {
  const fill = `import(${JSON.stringify(join(import.meta.dirname, 'support/tree.ts'))}).then(({ fillTree }) => fillTree({ data: 'media', program: '.', megabytes: ${megabytes}, files: ${megabytes * 30} }))`;
  const bot = await botIn('slow', { build: [[execPath, '-e', fill]] });
  await carryOut(bot, ['deploy', 'v2.0.0']);
  await carryOut(bot, ['deploy', 'v2.1.0']);
  const story = await carryOut(bot, ['rollback', '--emergency']);
  bot.opened.close();
  const ours = wholeMs(story) - stepMs(story, ['drain']);
  rows.push(row('P6', `rollback of ${megabytes} MB / sha256sum -c + unzip -q + start, ms`, ours, await peerMs(bot), 0.5));
}

async function peerMs({ root }: Bot): Promise<number> {
  const [zip = ''] = (await readdir(join(root, 'backups'))).filter((name) => name.endsWith('.zip')).sort();
  const out = join(folder, 'unpacked');
  await mkdir(out);
  execFileSync('sync');
  const from = performance.now();
  execFileSync('sha256sum', ['-c', `backups/${zip}.sha256`], { cwd: root, stdio: 'ignore' });
  execFileSync('unzip', ['-qq', '-d', out, join(root, 'backups', zip)]);
  const unpackedMs = performance.now() - from;
  return unpackedMs + (await startMs(join(out, 'release')));
}

async function startMs(cwd: string): Promise<number> {
  const [port = 0] = await freePorts(1);
  const from = performance.now();
  const service = spawn(execPath, ['server.js'], { cwd, env: { PORT: String(port), RELEASE_VERSION: 'v2.0.0' }, stdio: 'ignore' });
  try {
    while (performance.now() - from < 20_000) {
      const answered = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
      await answered?.arrayBuffer();
      if (answered?.ok === true) return performance.now() - from;
      await sleep(5);
    }
    throw new Error('the service did not start');
  } finally {
    service.kill('SIGKILL');
  }
}

async function botIn(name: string, changed: object): Promise<Bot> {
  const dir = join(folder, name);
  await mkdir(dir);
  return createBot(dir, undefined, changed);
}

async function carryOut(bot: Bot, words: readonly string[]): Promise<readonly StoredEvent[]> {
  // What was written before is not this one's time; nor is it the peer's.
  execFileSync('sync');
  const id = await bot.ask([...words, '--no-monitor']);
  const { output } = await bot.work();
  const state = (await bot.opened.store.request(id))?.state;
  if (state !== 'succeeded') throw new Error(`${words.join(' ')} ended as ${state}: ${output}`);
  return bot.opened.store.eventsOf(id);
}

function added(target: string, what: string, story: readonly StoredEvent[]): Row {
  const services = stepMs(story, ['fetch', 'build', 'start', 'ready', 'drain']);
  const ours = wholeMs(story) - services;
  return { target, what: `${what}, ms`, ours: String(ours), peer: '', ratio: null, want: '<= 2,000 ms', met: ours <= 2_000 };
}

function wholeMs(story: readonly StoredEvent[]): number {
  const at = (type: string) => story.find((told) => told.type === type)?.at ?? Number.NaN;
  return at('request.ended') - at('job.started');
}

function stepMs(story: readonly StoredEvent[], steps: readonly string[]): number {
  return story.reduce(
    (sum, told) => (told.type === 'step.finished' && steps.includes(told.data.step) ? sum + told.data.durationMs : sum),
    0,
  );
}
