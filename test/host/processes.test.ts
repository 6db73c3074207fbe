import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import {
  decodeOwner,
  encodeOwner,
  groupMembers,
  isAlive,
  isOwnerDead,
  killGroup,
  ownProcess,
  readStartTime,
  signalGroup,
} from '../../src/host/processes.ts';
import { until } from './support/commands.ts';

test('knows itself as alive, under its own start time only', () => {
  const own = ownProcess();
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, startTime: `${own.startTime}1` })).toBe(false);
  expect(readStartTime(4_194_304)).toBeNull();
});

test('reads past a program name with spaces and parentheses', async () => {
  const child = started('node', ['-e', 'process.title = "a) S 1 (b"; console.log("ready"); setInterval(() => {}, 60000)']);
  const pid = child.pid ?? 0;
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('a) S'), 'the title is set');
  expect(readStartTime(pid)).toMatch(/^\d+$/);
  expect(groupMembers(pid)).toEqual([pid]);
});

test('counts a zombie as dead', async () => {
  // The child ends at once; its parent, the sleeping shell replacement, never collects it.
  const parent = started('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
  let text = '';
  parent.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const zombie = Number(await until(() => text.trim(), 'the pid is printed'));
  await until(() => / Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1')), 'the child is a zombie');
  expect(readStartTime(zombie)).toBeNull();
  expect(groupMembers(parent.pid ?? 0)).toEqual([parent.pid]);
});

test('writes an owner as text and reads it back, with a worker name behind it or not', () => {
  const own = ownProcess();
  const text = encodeOwner(own);
  expect(text).toBe(`${own.host}:${own.pid}:${own.startTime}`);
  expect(decodeOwner(text)).toEqual(own);
  expect(decodeOwner(`${text}/worker-1`)).toEqual(own);
});

test.for(['', 'host', 'host:1', 'host:0:5', 'host:1:x', ':1:1', 'a b:1:1', 'host:1:1:1'])('takes %j for no owner', (text) => {
  expect(decodeOwner(text)).toBeNull();
  expect(isOwnerDead(text)).toBe(false);
});

test('judges only owners of this host', () => {
  const own = ownProcess();
  expect(isOwnerDead(encodeOwner(own))).toBe(false);
  expect(isOwnerDead(encodeOwner({ ...own, startTime: '1' }))).toBe(true);
  expect(isOwnerDead(encodeOwner({ ...own, startTime: '1', host: 'elsewhere' }))).toBe(false);
});

test('ends a process group with SIGTERM, or with SIGKILL when it does not listen', async () => {
  const polite = started('sleep', ['60']);
  expect(await killGroup(polite.pid ?? 0, 2_000)).toBe('SIGTERM');
  const stubborn = started('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 60; done']);
  await new Promise((resolve) => stubborn.stdout?.once('data', resolve));
  expect(await killGroup(stubborn.pid ?? 0, 100)).toBe('SIGKILL');
  expect(groupMembers(stubborn.pid ?? 0)).toEqual([]);
  expect(signalGroup(4_194_304, 0)).toBe('nobody');
  expect(await killGroup(4_194_304)).toBeNull();
});

test.for([0, 1, -5, Number.NaN, 1.5])('never signals process group %s', async (pgid) => {
  await expect(killGroup(pgid)).rejects.toThrow(RangeError);
});

function started(program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    if (child.pid !== undefined) await killGroup(child.pid, 0);
  });
  return child;
}
