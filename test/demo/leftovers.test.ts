import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endProcessesOf } from '../../demo/leftovers.ts';
import { temporaryFolder } from './support.ts';

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let started: ChildProcess[];
beforeEach(async () => {
  dir = await temporaryFolder();
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await dir.remove();
});

async function start(program: string, args: readonly string[], cwd: string): Promise<ChildProcess> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  await once(child.stdout, 'data');
  return child;
}

const FOREVER = 'console.log("up"); setInterval(() => {}, 1000)';
const isAlive = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

it.skipIf(process.platform !== 'linux')('ends Node processes that work in the folder or name it, and nothing else', async () => {
  const inside = await start(process.execPath, ['-e', FOREVER], dir.path);
  const named = await start(process.execPath, ['-e', FOREVER, `${dir.path}/data`], '/');
  const shell = await start('/bin/sh', ['-c', 'echo up; while :; do sleep 60; done'], dir.path);
  const neighbor = await start(process.execPath, ['-e', FOREVER, `${dir.path}-other/data`], '/');
  const ends = Promise.all([once(inside, 'exit'), once(named, 'exit')]);
  expect(await endProcessesOf(dir.path)).toBe(2);
  await ends;
  expect([inside.signalCode, named.signalCode]).toEqual(['SIGTERM', 'SIGTERM']);
  expect([shell, neighbor].map(isAlive)).toEqual([true, true]);
});

it('ends nothing where nothing runs', async () => {
  expect(await endProcessesOf(dir.path)).toBe(0);
});
