import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readStartTime } from '../../src/host/processes.ts';
import { describe as describeStart } from '../../src/host/slots/slots-process.ts';
import { getJson, makePlace, type Place, unsignaled } from '../fixtures/service/place.ts';
import { testEnvironment } from '../support/config.ts';
import { errorOf, until } from './support/commands.ts';

const BOT = fileURLToPath(new URL('../fixtures/service/bot.ts', import.meta.url));

test('starts a release in a slot, sees it run, and stops it', async () => {
  const place = await makePlace();
  const { environment, slots } = place;
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'stopped' });

  const release = place.release('v2.1.0');
  await slots.start({ environment, slot: 'blue', release, tag: 'v2.1.0' });
  const { afterMs } = await slots.ready({ environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() });
  expect(afterMs).toBeGreaterThanOrEqual(0);
  expect(await slots.status(environment, 'blue')).toMatchObject({ kind: 'running', release, tag: 'v2.1.0' });
  expect(await slots.status(environment, 'green')).toEqual({ kind: 'stopped' });

  await slots.stop(environment, 'blue');
  expect(await slots.status(environment, 'blue')).toEqual({ kind: 'stopped' });
  await slots.stop(environment, 'blue');
});

test('gives the service an allow-list of the environment and its own three variables, never a secret of the bot', async () => {
  const place = await makePlace({
    env: { SLACK_BOT_TOKEN: 'xoxb-1234567890', MOBIUS_MODE: 'fast' },
    service: { environment: ['MOBIUS_MODE', 'UNSET'] },
  });
  await place.bringUp('blue', 'v2.1.0');
  const { env } = await getJson(`${urlOf(place, 'blue')}/environment`);
  expect(env).toMatchObject({
    PORT: String(place.environment.service.ports.blue),
    RELEASE_TAG: 'v2.1.0',
    RELEASE_VERSION: 'v2.1.0',
    MOBIUS_MODE: 'fast',
    PATH: expect.any(String),
  });
  expect(env).not.toHaveProperty('SLACK_BOT_TOKEN');
  expect(env).not.toHaveProperty('UNSET');
});

test('names what it would run without running it', () => {
  const place = { environment: testEnvironment(), release: '/srv/releases/v1', tag: 'v1.0.0' };
  const described = describeStart({ ...place, slot: 'green' }, { PATH: '/bin', SECRET: 'no' });
  expect(described).toMatchObject({ argv: ['node', 'server.js'], cwd: '/srv/releases/v1', env: { PATH: '/bin', PORT: '9102' } });
  expect(described.env).not.toHaveProperty('SECRET');
});

test('writes the output to a log that only the owner may read, and begins a new one after 10 MB', async () => {
  const place = await makePlace();
  const log = join(place.dataDir, 'logs', 'production-blue.log');
  await place.bringUp('blue', 'v2.1.0');
  await until(() => readFileSync(log, 'utf8').includes('listening on'), 'the service wrote to its log');
  expect(statSync(log).mode & 0o777).toBe(0o600);

  writeFileSync(log, Buffer.alloc(10_000_001, 'x'));
  await place.bringUp('blue', 'v2.1.0');
  expect(statSync(`${log}.1`).size).toBe(10_000_001);
  expect(statSync(log).size).toBeLessThan(1_000);
});

test('finds the running service again after the bot was restarted', async () => {
  const place = await makePlace();
  await place.bringUp('blue', 'v2.1.0');
  const bot = place.anotherBot();
  expect(await bot.slots.status(place.environment, 'blue')).toMatchObject({ kind: 'running', tag: 'v2.1.0' });
  await bot.slots.stop(place.environment, 'blue');
  expect(await place.slots.status(place.environment, 'blue')).toEqual({ kind: 'stopped' });
});

test('stops what runs in the slot before it starts a release there', async () => {
  const place = await makePlace();
  await place.bringUp('blue', 'v2.0.0');
  const before = await pidIn(place, 'blue');
  await place.bringUp('blue', 'v2.1.0');
  expect(readStartTime(before)).toBeNull();
  expect(await getJson(`${urlOf(place, 'blue')}/version`)).toEqual({ version: 'v2.1.0' });
});

test.each(['before the start', 'between the start and the record'])(
  'keeps track of the service when the bot is killed %s',
  async (moment) => {
    const place = await makePlace();
    const release = place.release('v2.1.0');
    const order = {
      dataDir: place.dataDir,
      environment: place.environment,
      release,
      tag: 'v2.1.0',
      dieAfterStart: moment !== 'before the start',
    };
    const bot = spawn(process.execPath, [BOT], { stdio: ['pipe', 'inherit', 'inherit'] });
    bot.stdin.end(JSON.stringify(order));
    expect(await once(bot, 'exit')).toEqual([null, 'SIGKILL']);

    const status = await place.slots.status(place.environment, 'blue');
    if (!order.dieAfterStart)
      return expect(status).toMatchObject({ kind: 'exited', detail: expect.stringContaining('was about to be started') });
    expect(status).toMatchObject({ kind: 'running', release, tag: 'v2.1.0' });
    await place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() });
    const pid = await pidIn(place, 'blue');
    await place.slots.stop(place.environment, 'blue');
    expect(readStartTime(pid)).toBeNull();
    expect(await place.slots.status(place.environment, 'blue')).toEqual({ kind: 'stopped' });
  },
);

test('does not take another process for the service because it got its pid', async () => {
  const place = await makePlace();
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  const { pid } = stranger;
  await place.bringUp('blue', 'v2.1.0');
  const path = join(place.dataDir, 'run', 'production-blue.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  process.kill(record.pid, 'SIGKILL');
  await until(() => readStartTime(record.pid) === null, 'the service is gone');
  writeFileSync(path, JSON.stringify({ ...record, pid }));

  expect(await place.slots.status(place.environment, 'blue')).toMatchObject({ kind: 'exited' });
  await place.slots.stop(place.environment, 'blue');
  expect(pid !== undefined && readStartTime(pid)).not.toBeNull();
});

test('says that the service ended with the host when the record is from before a reboot', async () => {
  const place = await makePlace();
  await place.bringUp('blue', 'v2.1.0');
  const path = join(place.dataDir, 'run', 'production-blue.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...record, boot: 'another' }));
  expect(await place.slots.status(place.environment, 'blue')).toMatchObject({
    kind: 'exited',
    detail: expect.stringContaining('restarted'),
  });
});

test('finds the service by its marker when its record is lost or damaged', async () => {
  const place = await makePlace();
  await place.bringUp('blue', 'v2.1.0');
  writeFileSync(join(place.dataDir, 'run', 'production-blue.json'), '{"pid": 1');
  expect(await place.slots.status(place.environment, 'blue')).toMatchObject({
    kind: 'running',
    tag: 'v2.1.0',
    release: join(place.environment.root, 'releases', 'v2.1.0'),
  });
  await place.slots.stop(place.environment, 'blue');
  expect(await place.slots.status(place.environment, 'blue')).toEqual({ kind: 'stopped' });
});

test('ends children too, also one that left the process group', async () => {
  const place = await makePlace();
  place.release('v2.1.0', { child: true, daemon: true });
  await place.bringUp('blue', 'v2.1.0');
  const { children, pid } = await getJson(`${urlOf(place, 'blue')}/environment`);
  const pids = [pid, ...(Array.isArray(children) ? children : [])].map(Number);
  expect(pids).toHaveLength(3);
  await place.slots.stop(place.environment, 'blue');
  expect(pids.map(readStartTime)).toEqual([null, null, null]);
});

test('ends the children of a service that died itself', async () => {
  const place = await makePlace();
  place.release('v2.1.0', { child: true });
  await place.bringUp('blue', 'v2.1.0');
  const { children, pid } = await getJson(`${urlOf(place, 'blue')}/environment`);
  process.kill(Number(pid), 'SIGKILL');
  await until(() => readStartTime(Number(pid)) === null, 'the service is gone');
  expect(await place.slots.status(place.environment, 'blue')).toMatchObject({ kind: 'exited' });
  await place.slots.stop(place.environment, 'blue');
  expect(readStartTime(Number(Array.isArray(children) ? children[0] : 0))).toBeNull();
});

test('kills a service that ignores SIGTERM after the stop timeout', async () => {
  const place = await makePlace({ service: { stopTimeout: 300 } });
  place.release('v2.1.0', { ignoreTerm: true });
  await place.bringUp('blue', 'v2.1.0');
  const pid = await pidIn(place, 'blue');
  const startedAt = performance.now();
  await place.slots.stop(place.environment, 'blue');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
  expect(readStartTime(pid)).toBeNull();
});

test('says at once that the service exited, with its last lines and the probable cause', async () => {
  const place = await makePlace({ secrets: ['hunter2-hunter2'] });
  const release = place.release('v2.1.0', { exitCode: 3, print: 'Error: MOBIUS_KEY is not set (hunter2-hunter2)' });
  await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
  const startedAt = performance.now();
  const error = await errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error).toMatchObject({ code: 'service-exited', tail: ['Error: MOBIUS_KEY is not set ([redacted])'] });
  expect(error.message).toContain('exited with code 3');
  expect(error.message).toContain('MOBIUS_KEY is missing');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('shows only the lines of the last start', async () => {
  const place = await makePlace();
  for (const print of ['first', 'second']) {
    const release = place.release(`v2.1.0-${print}`, { exitCode: 1, print });
    await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
    await until(async () => (await place.slots.status(place.environment, 'blue')).kind === 'exited', 'it exited');
  }
  expect(await place.slots.status(place.environment, 'blue')).toMatchObject({ kind: 'exited', tail: ['second'] });
});

test('says what the last answer was when the service does not become ready in time', async () => {
  const place = await makePlace({ service: { ready: { path: '/health', timeout: 1_500, versionField: 'version' } } });
  const release = place.release('v2.1.0', { unhealthy: true });
  await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
  const error = await errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error.code).toBe('not-ready');
  expect(error.message).toContain('status 503 {"status":"starting"');
});

test('says that nothing listens when the service never opens its port', async () => {
  const place = await makePlace({ service: { ready: { path: '/health', timeout: 800, versionField: 'version' } } });
  const release = place.release('v2.1.0', { deaf: true });
  await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
  const error = await errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error).toMatchObject({ code: 'not-ready', message: expect.stringContaining('ECONNREFUSED') });
});

test('names both versions when the wrong one answers, without waiting for the timeout', async () => {
  const place = await makePlace({ service: { ready: { path: '/health', timeout: 60_000, versionField: 'version' } } });
  const release = place.release('v2.1.0', { version: 'v2.0.9' });
  await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
  const error = await errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error.code).toBe('wrong-version');
  expect(error.message).toMatch(/v2\.0\.9.*v2\.1\.0/);
});

test('says which field is missing when the answer holds no version', async () => {
  const place = await makePlace({ service: { ready: { path: '/health', timeout: 800, versionField: 'release' } } });
  await place.slots.start({ environment: place.environment, slot: 'blue', release: place.release('v2.1.0'), tag: 'v2.1.0' });
  const error = await errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: unsignaled() }));
  expect(error).toMatchObject({ code: 'not-ready', message: expect.stringContaining('without a text field "release"') });
});

test('stops waiting when it is canceled', async () => {
  const place = await makePlace();
  const release = place.release('v2.1.0', { unhealthy: true });
  await place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' });
  const gaveUp = new AbortController();
  const waiting = errorOf(place.slots.ready({ environment: place.environment, slot: 'blue', tag: 'v2.1.0', signal: gaveUp.signal }));
  gaveUp.abort();
  expect(await waiting).toMatchObject({ code: 'ready-canceled' });
});

test('does not start into a port that a stranger holds, and names the stranger', async () => {
  const place = await makePlace();
  const port = place.environment.service.ports.blue;
  const stranger = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const start = { environment: place.environment, slot: 'blue', release: place.release('v2.1.0'), tag: 'v2.1.0' } as const;
  const error = await errorOf(place.slots.start(start));
  expect(error).toMatchObject({ code: 'port-in-use', hint: expect.stringContaining(`:${port}`) });
  expect(error.message).toContain(`Port ${port}`);
  expect(error.message).toContain(`pid ${process.pid}`);
  expect(await place.slots.status(place.environment, 'blue')).toEqual({ kind: 'stopped' });
});

test.each([
  { what: 'program', argv: ['no-such-program-here'] as const, folder: null, said: 'no-such-program-here' },
  { what: 'release folder', argv: [process.execPath] as const, folder: '/no/such/release', said: '/no/such/release is not a folder' },
])('says that the $what is not there', async ({ argv, folder, said }) => {
  const place = await makePlace({ service: { start: { kind: 'process', argv } } });
  const release = folder ?? place.release('v2.1.0');
  const error = await errorOf(place.slots.start({ environment: place.environment, slot: 'blue', release, tag: 'v2.1.0' }));
  expect(error).toMatchObject({ code: 'service-not-started', message: expect.stringContaining(said) });
  expect(await place.slots.status(place.environment, 'blue')).toEqual({ kind: 'stopped' });
});

function urlOf({ environment }: Place, slot: 'blue' | 'green'): string {
  return `http://127.0.0.1:${environment.service.ports[slot]}`;
}

async function pidIn({ slots, environment }: Place, slot: 'blue' | 'green'): Promise<number> {
  const status = await slots.status(environment, slot);
  return status.kind === 'running' ? status.pid : 0;
}
