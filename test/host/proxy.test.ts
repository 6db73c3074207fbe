import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readStartTime } from '../../src/host/processes.ts';
import { askStatus, askSwitch } from '../../src/host/traffic/proxy-client.ts';
import { EXIT, proxyPaths } from '../../src/host/traffic/proxy-protocol.ts';
import { getJson, makePlace, type Place, proxyPid, unsignaled } from '../fixtures/service/place.ts';
import { errorOf, hostEnv, until } from './support/commands.ts';

const MAIN = fileURLToPath(new URL('../../src/host/traffic/proxy-main.ts', import.meta.url));

test('starts the proxy once and leaves it alone from then on', async () => {
  const place = await makePlace();
  await place.traffic.ensure(place.environment);
  const pid = await proxyPid(place);
  await place.traffic.ensure(place.environment);
  await place.anotherBot().traffic.ensure(place.environment);
  expect(await proxyPid(place)).toBe(pid);
});

test('ends with one proxy when several bots ensure it at once', async () => {
  const place = await makePlace();
  const bots = [place, place.anotherBot(), place.anotherBot()];
  await Promise.all(bots.map(({ traffic }) => traffic.ensure(place.environment)));
  const pid = await proxyPid(place);
  await until(() => proxiesOf(place).length === 1, 'the others have ended');
  expect(proxiesOf(place)).toEqual([pid]);
});

test('serves the same slot at once after it was killed and ensured again', async () => {
  const place = await makePlace();
  const { environment, traffic } = place;
  await traffic.ensure(environment);
  await place.bringUp('green', 'v2.1.0');
  await traffic.switchTo(environment, 'green');
  const pid = await proxyPid(place);
  process.kill(pid, 'SIGKILL');
  await until(() => readStartTime(pid) === null, 'the proxy is gone');
  expect(existsSync(pathsOf(place).socket)).toBe(true);
  expect(await traffic.active(environment)).toBe('green');
  expect(await traffic.drain(environment, 'green', unsignaled())).toEqual({ left: null });

  await traffic.ensure(environment);
  expect(await traffic.version(environment)).toBe('v2.1.0');
  expect(await traffic.active(environment)).toBe('green');
  expect(await proxyPid(place)).not.toBe(pid);
});

test('brings the proxy back before a switch when it had died', async () => {
  const place = await makePlace();
  await place.bringUp('blue', 'v2.0.0');
  await place.traffic.switchTo(place.environment, 'blue');
  expect(await place.traffic.version(place.environment)).toBe('v2.0.0');
});

test('keeps control socket and state for the owner alone, and gives the proxy no secret', async () => {
  const place = await makePlace({ env: { SLACK_BOT_TOKEN: 'xoxb-1234567890' } });
  await place.traffic.switchTo(place.environment, 'blue');
  const { socket, state, log } = pathsOf(place);
  expect([socket, state, log].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  expect(JSON.parse(readFileSync(state, 'utf8'))).toEqual({
    active: 'blue',
    ports: { blue: place.environment.service.ports.blue, green: null },
  });
  expect(readFileSync(`/proc/${await proxyPid(place)}/environ`, 'utf8')).not.toContain('xoxb');
});

test('works in a data folder whose path is longer than a socket name may be', async () => {
  const place = await makePlace({ dataDir: `${'a-rather-long-folder-name/'.repeat(5)}data` });
  expect(pathsOf(place).socket.length).toBeGreaterThan(107);
  const { environment, traffic } = place;
  await place.bringUp('blue', 'v2.0.0');
  await traffic.switchTo(environment, 'blue');
  const pid = await proxyPid(place);
  process.kill(pid, 'SIGKILL');
  await until(() => readStartTime(pid) === null, 'the proxy is gone');
  await traffic.ensure(environment);
  expect(await traffic.active(environment)).toBe('blue');
  expect(statSync(pathsOf(place).socket).isSocket()).toBe(true);
});

test('names the port and its holder when a stranger has the public port', async () => {
  const place = await makePlace();
  const port = place.environment.proxy.listen;
  const stranger = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const error = await errorOf(place.traffic.ensure(place.environment));
  expect(error).toMatchObject({ code: 'port-in-use', hint: expect.stringContaining('proxy.listen') });
  expect(error.message).toContain(`${port}`);
  expect(error.message).toContain(`pid ${process.pid}`);
});

test('does not guess which slot is live when the state is damaged', async () => {
  const place = await makePlace();
  await place.traffic.switchTo(place.environment, 'blue');
  const pid = await proxyPid(place);
  process.kill(pid, 'SIGKILL');
  await until(() => readStartTime(pid) === null, 'the proxy is gone');
  writeFileSync(pathsOf(place).state, '{"active":"red"}');
  expect(await errorOf(place.traffic.active(place.environment))).toMatchObject({ code: 'proxy-state-unreadable' });
  const error = await errorOf(place.traffic.ensure(place.environment));
  expect(error).toMatchObject({ code: 'proxy-not-started', hint: expect.stringContaining('proxy-production.log') });
  expect(error.tail.join('\n')).toContain('The proxy cannot start');
});

test('says where the proxy listens when the configuration moved its port', async () => {
  const place = await makePlace();
  await place.traffic.ensure(place.environment);
  const pid = await proxyPid(place);
  const moved = { ...place.environment, proxy: { ...place.environment.proxy, listen: place.environment.proxy.listen + 1 } };
  const error = await errorOf(place.traffic.ensure(moved));
  expect(error).toMatchObject({ code: 'proxy-elsewhere', hint: expect.stringContaining(`kill ${pid}`) });
});

test('goes on sending to the old slot when a switch cannot be written down', async () => {
  const place = await makePlace({ dataDir: 'data' });
  const { environment, traffic } = place;
  await place.bringUp('blue', 'v2.0.0');
  await traffic.switchTo(environment, 'blue');
  const pid = await proxyPid(place);
  process.kill(pid, 'SIGKILL');
  await until(() => readStartTime(pid) === null, 'the proxy is gone');
  const { socket, state } = pathsOf(place);
  const proxy = startProxy(place, { state: '/proc/self/state.json' });
  await until(async () => (await askStatus(socket)).kind === 'status', 'the proxy is up');
  const error = await errorOf(traffic.switchTo(environment, 'green'));
  expect(error).toMatchObject({ code: 'proxy-reload-failed' });
  expect(await traffic.active(environment)).toBeNull();
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ active: 'blue' });
  proxy.kill('SIGKILL');
});

test('lets open requests finish at SIGTERM, takes no new ones, and leaves the socket name free', async () => {
  const place = await makePlace();
  const { environment, traffic } = place;
  await place.bringUp('blue', 'v2.0.0');
  await traffic.switchTo(environment, 'blue');
  const pid = await proxyPid(place);
  const slow = getJson(`${traffic.publicUrl(environment)}/slow?ms=700`);
  await until(
    async () => (await traffic.drain({ ...environment, service: { ...environment.service, drain: 1 } }, 'blue', unsignaled())).left === 1,
    'it is open',
  );
  process.kill(pid, 'SIGTERM');
  await until(() => !existsSync(pathsOf(place).socket), 'the control socket is gone');
  await traffic.ensure(environment);
  expect(await proxyPid(place)).not.toBe(pid);
  expect(await traffic.version(environment)).toBe('v2.0.0');
  expect(await slow).toEqual({ version: 'v2.0.0' });
  await until(() => readStartTime(pid) === null, 'the old proxy has ended');
  expect(await traffic.version(environment)).toBe('v2.0.0');
});

test('ends at once when a proxy of the same environment runs on another port', async () => {
  const place = await makePlace();
  await place.traffic.ensure(place.environment);
  const second = startProxy(place, { port: String(place.environment.service.ports.blue) });
  expect((await once(second, 'exit'))[0]).toBe(EXIT.otherRuns);
  expect((await askStatus(pathsOf(place).socket)).kind).toBe('status');
});

test('refuses words on the control socket that it does not know', async () => {
  const place = await makePlace();
  await place.traffic.ensure(place.environment);
  const { socket } = pathsOf(place);
  expect(await askSwitch(socket, { slot: 'blue', port: 0 })).toMatchObject({
    kind: 'failed',
    detail: expect.stringContaining('status 400'),
  });
  expect(await askSwitch(join(place.folder, 'nowhere.sock'), { slot: 'blue', port: 1 })).toEqual({ kind: 'absent' });
  expect(await place.traffic.active(place.environment)).toBeNull();
});

test('refuses to start without its arguments', async () => {
  const proxy = spawn(process.execPath, [MAIN, '--environment', 'production'], { stdio: 'ignore', env: hostEnv() });
  expect((await once(proxy, 'exit'))[0]).toBe(EXIT.failed);
});

function pathsOf({ dataDir, environment }: Place) {
  return proxyPaths(dataDir, environment.name);
}

function startProxy(place: Place, changed: { state?: string; port?: string }) {
  const { socket, state } = pathsOf(place);
  const { host, listen } = place.environment.proxy;
  const words = ['--environment', 'production', '--host', host, '--port', changed.port ?? String(listen), '--socket', socket];
  const proxy = spawn(process.execPath, [MAIN, ...words, '--state', changed.state ?? state], { stdio: 'ignore', env: hostEnv() });
  onTestFinished(() => void proxy.kill('SIGKILL'));
  return proxy;
}

/** Pids of the proxies of this place that run now. */
function proxiesOf(place: Place): readonly number[] {
  const { socket } = pathsOf(place);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readStartTime(pid) !== null && commandOf(pid).includes(socket));
}

function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
