import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { killGroup, readStartTime } from '../../src/host/processes.ts';
import { aRun, freshFolder, hostEnv, recordOf, testCommands, until } from './support/commands.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/host');
const PLACES = join(import.meta.dirname, '../fixtures/crash/places.ts');

test('ends the process group that a killed worker left running, and removes its file', async () => {
  const folder = freshFolder();
  const { pids } = await killedWorker(folder, 'plain');
  const commands = testCommands(folder);
  expect(await commands.fence('job')).toBe(1);
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
  expect(recordOf(folder, 'job')).toBeNull();
  expect(await commands.fence('job')).toBe(0);
});

test('ends what is left of a group whose first process is gone', async () => {
  const folder = freshFolder();
  const { pids, record } = await killedWorker(folder, 'plain');
  process.kill(record.pid, 'SIGKILL');
  await until(() => readStartTime(record.pid) === null, 'the first process is gone');
  expect(await testCommands(folder).fence('job')).toBe(1);
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
});

test.for(['after spawn', 'before rename', 'after rename'])(
  'begins no command whose worker dies %s, before it has it noted',
  async (place) => {
    const folder = freshFolder();
    const began = join(folder, 'began');
    const at = place === 'after spawn' ? 'after spawn touch began#1' : `${place} run/job@*.json#1`;
    const { worker, child } = await stoppedWorker(folder, ['touch', began], at);
    worker.kill('SIGKILL');
    await until(() => readStartTime(child) === null, 'what it started is gone');
    expect(existsSync(began)).toBe(false);
    await testCommands(folder).run(aRun(folder, ['true'], { key: 'job' }));
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  },
);

test('fences by itself before it runs the same key again', async () => {
  const folder = freshFolder();
  const { pids } = await killedWorker(folder, 'plain');
  await testCommands(folder).run(aRun(folder, ['true'], { key: 'job' }));
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
});

test('ends what any dead worker left when a worker starts, and nothing of a living one', async () => {
  const folder = freshFolder();
  const { pids } = await killedWorker(folder, 'plain');
  const commands = testCommands(folder);
  const stop = new AbortController();
  const own = commands.run(aRun(folder, ['sleep', '60'], { key: 'own', signal: stop.signal })).catch((error: unknown) => error);
  await until(() => recordOf(folder, 'own'), 'the own command runs');
  expect(await commands.fenceDead()).toBe(1);
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
  expect(recordOf(folder, 'own')).not.toBeNull();
  stop.abort();
  await own;
});

test.for([
  ['another start time under the pid', { startTime: '1' }],
  ['the same pid and start time from before a reboot', { boot: 'another' }],
] as const)('leaves a process alone that has %s', async ([, change]) => {
  const folder = freshFolder();
  const { record, path } = await killedWorker(folder, 'plain');
  writeFileSync(path, JSON.stringify({ ...record, ...change }));
  expect(await testCommands(folder).fence('job')).toBe(0);
  expect(readStartTime(record.pid)).toBe(record.startTime);
  expect(existsSync(path)).toBe(false);
});

test('leaves a group alone that only has the number of an old one', async () => {
  const folder = freshFolder();
  const { pids, record, path } = await killedWorker(folder, 'plain');
  process.kill(record.pid, 'SIGKILL');
  await until(() => readStartTime(record.pid) === null, 'the first process is gone');
  writeFileSync(path, JSON.stringify({ ...record, token: 'ffff' }));
  expect(await testCommands(folder).fence('job')).toBe(0);
  expect(pids.filter((pid) => readStartTime(pid) !== null)).toHaveLength(2);
});

test.for(['', '{"pid":', '{"pid":1}', 'null'])('removes a file that was never a whole record: %j', async (text) => {
  const folder = freshFolder();
  const commands = testCommands(folder);
  await commands.run(aRun(folder, ['true']));
  const path = join(folder, 'run', 'job@0.json');
  writeFileSync(path, text);
  expect(await commands.fence('job')).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test('refuses a key that would leave its folder', async () => {
  const folder = freshFolder();
  await expect(testCommands(folder).fence('..')).rejects.toThrow(RangeError);
});

/** Stopped at a place (test/fixtures/crash/places.ts); `child` is what it has started by then. */
async function stoppedWorker(folder: string, argv: readonly string[], at: string) {
  const worker = spawn(process.execPath, ['--import', PLACES, join(FIXTURES, 'worker.ts'), join(folder, 'run'), ...argv], {
    env: { ...hostEnv(), DHASH_SIGNAL_AT: at, DHASH_SIGNAL: 'SIGSTOP' },
    stdio: 'inherit',
  });
  const pid = worker.pid ?? 0;
  onTestFinished(() => void worker.kill('SIGKILL'));
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')), `it is stopped ${at}`);
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  onTestFinished(() => void killGroup(child, 0));
  return { worker, child };
}

async function killedWorker(folder: string, mode: string) {
  const worker: ChildProcess = spawn(
    process.execPath,
    [join(FIXTURES, 'worker.ts'), join(folder, 'run'), process.execPath, join(FIXTURES, 'family.mjs'), mode],
    { env: hostEnv(), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const pids: number[] = [];
  worker.stdout
    ?.setEncoding('utf8')
    .on('data', (text: string) => pids.push(...[...text.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]))));
  onTestFinished(async () => {
    worker.kill('SIGKILL');
    if (pids[0] !== undefined) await killGroup(pids[0], 0);
  });
  await until(() => pids.length === 3, 'the whole family runs');
  const path = recordOf(folder, 'job') ?? '';
  const record = JSON.parse(readFileSync(path, 'utf8'));
  worker.kill('SIGKILL');
  await until(() => worker.signalCode === 'SIGKILL', 'the worker is dead');
  return { pids, record, path };
}
