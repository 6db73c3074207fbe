import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Argv } from '../../src/core/config.ts';
import { upstreamPort, upstreamText } from '../../src/host/traffic/nginx-upstream.ts';
import { startLoad } from '../fixtures/service/load.ts';
import { nginxReload, startNginx } from '../fixtures/service/nginx.ts';
import { freePort, getJson, makePlace, type Place, unsignaled } from '../fixtures/service/place.ts';
import { isLeftOut } from '../support/tools.ts';
import { errorOf, freshFolder, until } from './support/commands.ts';

async function behindNginx(reload: (folder: string) => Argv): Promise<Place & { upstreamFile: string; start: () => Promise<void> }> {
  const folder = freshFolder();
  const listen = await freePort();
  const upstreamFile = join(folder, 'upstream.conf');
  const proxy = { kind: 'nginx', listen, host: '127.0.0.1', upstreamFile, upstream: 'dhash', reload: reload(folder) } as const;
  const place = await makePlace({ proxy });
  const start = async () => {
    const stop = await startNginx(folder, listen);
    onTestFinished(stop);
  };
  return { ...place, upstreamFile, start };
}

test.skipIf(isLeftOut('nginx'))('drops no request at a switch behind nginx', async () => {
  const place = await behindNginx(nginxReload);
  const { environment, traffic, slots } = place;
  await place.bringUp('blue', 'v2.0.0');
  writeFileSync(place.upstreamFile, upstreamText('dhash', environment.service.ports.blue));
  await place.start();
  await traffic.ensure(environment);
  expect(await traffic.active(environment)).toBe('blue');
  await place.bringUp('green', 'v2.1.0');

  const url = `${traffic.publicUrl(environment)}/slow?ms=40`;
  const loads = [startLoad(url, { keepAlive: true, everyMs: 33, retryReused: true }), startLoad(url, { keepAlive: false, everyMs: 33 })];
  await until(() => loads.every((load) => load.sent() >= 45), 'some requests were answered before the switch');
  await traffic.switchTo(environment, 'green');
  expect(await traffic.active(environment)).toBe('green');
  expect(await traffic.version(environment)).toBe('v2.1.0');
  expect(await traffic.drain(environment, 'blue', unsignaled())).toEqual({ left: 0 });
  await slots.stop(environment, 'blue');
  const stoppedAt = loads.map((load) => load.sent());
  await until(() => loads.every((load, index) => load.sent() >= (stoppedAt[index] ?? 0) + 45), 'some requests were answered after it');

  const results = await Promise.all(loads.map((load) => load.end()));
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  for (const { answers } of results) expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['v2.0.0', 'v2.1.0']));
});

test.skipIf(isLeftOut('nginx'))('puts the old upstream back when nginx refuses its configuration', async () => {
  const place = await behindNginx(nginxReload);
  const { environment, traffic } = place;
  await place.bringUp('blue', 'v2.0.0');
  writeFileSync(place.upstreamFile, upstreamText('dhash', environment.service.ports.blue));
  await place.start();
  const config = join(place.upstreamFile, '..', 'nginx.conf');
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nnonsense;\n`);
  const error = await errorOf(traffic.switchTo(environment, 'green'));
  expect(error.code).toBe('proxy-reload-failed');
  expect(error.message).toContain('unknown directive "nonsense"');
  expect(await traffic.active(environment)).toBe('blue');
  expect(await traffic.version(environment)).toBe('v2.0.0');
});

test('puts the old upstream back and says what the reload printed when it fails', async () => {
  const place = await behindNginx(() => [
    process.execPath,
    '-e',
    'console.error("nginx: configuration file test failed"); process.exit(1)',
  ]);
  const { environment, traffic } = place;
  const old = upstreamText('dhash', environment.service.ports.blue);
  writeFileSync(place.upstreamFile, old);
  const error = await errorOf(traffic.switchTo(environment, 'green'));
  expect(error).toMatchObject({ code: 'proxy-reload-failed', tail: ['nginx: configuration file test failed'] });
  expect(error.message).toContain('configuration file test failed');
  expect(error.message).toContain('the old file is back');
  expect(readFileSync(place.upstreamFile, 'utf8')).toBe(old);
  expect(await traffic.active(environment)).toBe('blue');
});

test('leaves no upstream file behind when the first reload fails', async () => {
  const place = await behindNginx(() => ['/no/such/nginx', '-s', 'reload']);
  const error = await errorOf(place.traffic.switchTo(place.environment, 'green'));
  expect(error).toMatchObject({ code: 'proxy-reload-failed', message: expect.stringContaining('/no/such/nginx') });
  expect(existsSync(place.upstreamFile)).toBe(false);
  expect(await place.traffic.active(place.environment)).toBeNull();
});

test('says how to set nginx up when nothing answers on the public port', async () => {
  const place = await behindNginx(() => ['true']);
  const error = await errorOf(place.traffic.ensure(place.environment));
  expect(error).toMatchObject({ code: 'proxy-not-answering', message: expect.stringContaining('ECONNREFUSED') });
  expect(error.hint).toContain(place.upstreamFile);
  expect(error.hint).toContain(`upstream dhash { server 127.0.0.1:${place.environment.service.ports.blue}; }`);
});

test('does not call a foreign upstream none', async () => {
  const place = await behindNginx(() => ['true']);
  writeFileSync(place.upstreamFile, upstreamText('dhash', 4_711));
  const error = await errorOf(place.traffic.active(place.environment));
  expect(error).toMatchObject({ code: 'proxy-unknown-upstream', message: expect.stringContaining('port 4711') });
});

test('counts what is still open at a slot when the time to drain is over', async () => {
  const place = await behindNginx(() => ['true']);
  await place.bringUp('blue', 'v2.0.0');
  const environment = { ...place.environment, service: { ...place.environment.service, drain: 200 } };
  const slow = getJson(`http://127.0.0.1:${environment.service.ports.blue}/slow?ms=900`);
  await until(async () => (await place.traffic.drain(environment, 'blue', unsignaled())).left === 1, 'the request is open');
  await slow;
  expect(await place.traffic.drain(place.environment, 'blue', unsignaled())).toEqual({ left: 0 });
});

test('reads the port out of an upstream file, and none out of a comment', () => {
  expect(upstreamPort(upstreamText('dhash', 9_101))).toBe(9_101);
  expect(upstreamPort('upstream dhash { server 127.0.0.1:9102; }')).toBe(9_102);
  expect(upstreamPort('# server 127.0.0.1:9101;\nupstream dhash { server 127.0.0.1:9102 max_fails=0; }')).toBe(9_102);
  expect(upstreamPort('')).toBeNull();
});
