import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readStartTime } from '../../src/host/processes.ts';
import * as words from '../../src/host/slots/systemd-argv.ts';
import { makePlace, SERVER, unsignaled } from '../fixtures/service/place.ts';
import { errorOf, freshFolder, hostEnv, until } from './support/commands.ts';

const SYSTEMCTL = fileURLToPath(new URL('../fixtures/service/systemctl.mjs', import.meta.url));

async function withUnits(changed: { refuses?: string; unit?: string; stopTimeout?: number; readyMs?: number } = {}) {
  const bin = freshFolder();
  for (const name of ['systemctl', 'journalctl']) {
    symlinkSync(SYSTEMCTL, join(bin, `${name}.mjs`));
    writeFileSync(join(bin, name), `#!/bin/sh\nexec "${process.execPath}" --preserve-symlinks-main "${bin}/${name}.mjs" "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const place = await makePlace({
    env: { PATH: `${bin}:${hostEnv()['PATH']}` },
    service: {
      start: { kind: 'systemd', unit: changed.unit ?? 'dhash-test@{slot}.service' },
      stopTimeout: changed.stopTimeout ?? 5_000,
      ready: { path: '/health', timeout: changed.readyMs ?? 10_000, versionField: 'version' },
    },
  });
  const unit = { root: place.environment.root, exec: [process.execPath, SERVER], refuses: changed.refuses };
  writeFileSync(join(bin, 'unit.json'), JSON.stringify(unit));
  onTestFinished(async () => {
    for (const slot of ['blue', 'green'] as const) await place.slots.stop(place.environment, slot).catch(() => {});
  });
  const calls = () => readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n');
  return { ...place, bin, calls };
}

test('starts a unit with the release of its slot, sees it run, and stops it', async () => {
  const { environment, slots, release, calls } = await withUnits();
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'stopped' });
  const path = release('v2.1.0');
  await slots.start({ environment, slot: 'blue', release: path, tag: 'v2.1.0' });
  await slots.ready({ environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() });
  const status = await slots.status(environment, 'blue');
  expect(status).toMatchObject({ kind: 'running', release: path, tag: 'v2.1.0' });
  expect(readlinkSync(join(environment.root, 'slots', 'blue'))).toBe(path);
  expect(readFileSync(join(environment.root, 'slots', 'blue.env'), 'utf8')).toBe(
    `PORT="${environment.service.ports.blue}"\nRELEASE_TAG="v2.1.0"\nRELEASE_VERSION="v2.1.0"\nRELEASE_PATH="${path}"\n`,
  );

  await slots.stop(environment, 'blue');
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'stopped' });
  expect(status.kind === 'running' && readStartTime(status.pid)).toBeNull();
  expect(calls()).toContain('systemctl start dhash-test@blue.service');
  expect(calls()).toContain('systemctl stop dhash-test@blue.service');
});

test('points the slot at the next release without a moment in which it points at none', async () => {
  const { environment, slots, release } = await withUnits();
  for (const tag of ['v2.0.0', 'v2.1.0']) {
    await slots.start({ environment, slot: 'blue', release: release(tag), tag });
    await slots.ready({ environment, slot: 'blue', tag, signal: unsignaled() });
  }
  expect(lstatSync(join(environment.root, 'slots', 'blue')).isSymbolicLink()).toBe(true);
  expect(await slots.status(environment, 'blue')).toMatchObject({ kind: 'running', tag: 'v2.1.0' });
});

test('says that a unit exited, with the lines of its journal and the probable cause', async () => {
  const { environment, slots, release } = await withUnits();
  const path = release('v2.1.0', { exitCode: 7, print: 'Error: listen EADDRINUSE: address already in use 127.0.0.1:9101' });
  await slots.start({ environment, slot: 'blue', release: path, tag: 'v2.1.0' });
  const error = await errorOf(slots.ready({ environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error.code).toBe('service-exited');
  expect(error.message).toContain('dhash-test@blue.service is failed');
  expect(error.message).toContain('exit status 7');
  expect(error.message).toContain('Port 9101 is already in use');
  expect(error.tail).toEqual(['Error: listen EADDRINUSE: address already in use 127.0.0.1:9101']);
});

test('lets a unit start again that systemd gave up on', async () => {
  const { environment, slots, release, calls } = await withUnits();
  await slots.start({ environment, slot: 'blue', release: release('v2.1.0', { exitCode: 7 }), tag: 'v2.1.0' });
  await until(async () => (await slots.status(environment, 'blue')).kind === 'exited', 'it exited');
  await slots.start({ environment, slot: 'blue', release: release('v2.2.0'), tag: 'v2.2.0' });
  await slots.ready({ environment, slot: 'blue', tag: 'v2.2.0', signal: unsignaled() });
  expect(calls().filter((call) => /start|reset/.test(call))).toEqual([
    'systemctl start dhash-test@blue.service',
    'systemctl reset-failed dhash-test@blue.service',
    'systemctl start dhash-test@blue.service',
  ]);
});

test('kills a unit that does not stop in time', async () => {
  const { environment, slots, release, calls } = await withUnits({ stopTimeout: 700 });
  await slots.start({ environment, slot: 'blue', release: release('v2.1.0', { ignoreTerm: true }), tag: 'v2.1.0' });
  await slots.ready({ environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() });
  await slots.stop(environment, 'blue');
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'stopped' });
  expect(calls()).toContain('systemctl kill --signal=SIGKILL dhash-test@blue.service');
});

test('says why systemd did not start a unit', async () => {
  const { environment, slots, release } = await withUnits({ refuses: 'Job for dhash-test@blue.service failed.' });
  const error = await errorOf(slots.start({ environment, slot: 'blue', release: release('v2.1.0'), tag: 'v2.1.0' }));
  expect(error).toMatchObject({ code: 'command-failed', tail: ['Job for dhash-test@blue.service failed.'] });
});

test('names the unit that systemd does not know', async () => {
  const { environment, slots } = await withUnits({ unit: 'other@{slot}.service' });
  const error = await errorOf(slots.status(environment, 'green'));
  expect(error).toMatchObject({ code: 'unit-not-found', message: expect.stringContaining('other@green.service') });
});

test('tells neither release nor tag of a unit that somebody else started', async () => {
  const { environment, slots, bin } = await withUnits();
  mkdirSync(join(environment.root, 'slots'), { recursive: true });
  writeFileSync(join(bin, 'blue.state'), JSON.stringify({ pid: process.pid, stopped: false }));
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'running', pid: process.pid, release: null, tag: null });
  writeFileSync(join(bin, 'blue.state'), JSON.stringify({ pid: 0, stopped: true }));
});

test('says everything to systemd in argument arrays', () => {
  const unit = words.unitName('mobius-dhash@{slot}.service', 'green');
  expect(words.startUnit(unit)).toEqual(['systemctl', 'start', '--', 'mobius-dhash@green.service']);
  expect(words.stopUnit(unit)).toEqual(['systemctl', 'stop', '--', 'mobius-dhash@green.service']);
  expect(words.resetUnit(unit)).toEqual(['systemctl', 'reset-failed', '--', 'mobius-dhash@green.service']);
  expect(words.killUnit(unit)).toEqual(['systemctl', 'kill', '--signal=SIGKILL', '--', 'mobius-dhash@green.service']);
  expect(words.showUnit(unit).at(-1)).toBe('mobius-dhash@green.service');
  expect(words.unitJournal(unit)).toContain('--unit=mobius-dhash@green.service');
});

test.each([
  { lines: ['LoadState=loaded', 'ActiveState=active', 'SubState=running', 'MainPID=42', 'Result=success', 'ExecMainStatus=0'], pid: 42 },
  {
    lines: ['LoadState=loaded', 'ActiveState=activating', 'SubState=auto-restart', 'MainPID=0', 'Result=exit-code', 'ExecMainStatus=1'],
    pid: null,
  },
])('reads what systemd shows: $lines.1', ({ lines, pid }) => {
  expect(words.parseUnitState(lines)?.mainPid).toBe(pid);
});

test('reads nothing out of an answer that is none', () => {
  expect(words.parseUnitState(['Failed to connect to bus'])).toBeNull();
});

test('brings values with blanks and quotes through the environment file', () => {
  const variables = { PORT: '9101', RELEASE_PATH: '/srv/my "dhash"/$HOME/`x`\\y' };
  expect(words.parseEnvironmentFile(words.environmentFile(variables))).toEqual(variables);
});
