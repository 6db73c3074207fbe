import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBinaries } from '../../../src/host/media/binaries.ts';

let dir = '';
const nowhere = () => null;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dhash-binaries-'));
  put('ffmpeg', 'on-path');
  put('mine', 'named');
  put('stranger', 'x', 'echo hello');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function put(name: string, version: string, says = `echo ffmpeg version ${version} Copyright`): void {
  writeFileSync(join(dir, name), `#!/bin/sh\n${says}\n`);
  chmodSync(join(dir, name), 0o755);
}

test('the one a variable names wins over the one on PATH', async () => {
  const env = { FFMPEG_PATH: join(dir, 'mine'), PATH: dir };
  expect(await createBinaries(env, nowhere)('ffmpeg')).toEqual({ version: 'named', path: join(dir, 'mine'), from: 'variable' });
});

test('the one on PATH wins over the one installed with the bot', async () => {
  expect(await createBinaries({ PATH: `/nowhere:${dir}` }, () => '/package')('ffmpeg')).toMatchObject({ version: 'on-path', from: 'path' });
});

test('the one installed with the bot is used when there is no other', async () => {
  expect(await createBinaries({}, () => dir)('ffmpeg')).toMatchObject({ version: 'on-path', from: 'npm' });
});

test('says how to install it when there is none', async () => {
  await expect(createBinaries({ PATH: '/nowhere' }, nowhere)('ffmpeg')).rejects.toMatchObject({
    code: 'media-tool-missing',
    hint: expect.stringContaining('apt-get install ffmpeg'),
  });
});

test.each(['none', 'stranger'])('does not go on quietly with another one when the named one is wrong (%s)', async (name) => {
  const env = { FFMPEG_PATH: join(dir, name), PATH: dir };
  await expect(createBinaries(env, nowhere)('ffmpeg')).rejects.toMatchObject({ code: 'media-tool-missing' });
});

test('finds what was installed after it failed', async () => {
  const find = createBinaries({ PATH: join(dir, 'later') }, nowhere);
  await expect(find('ffmpeg')).rejects.toMatchObject({ code: 'media-tool-missing' });
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(dir, 'later'));
  put('later/ffmpeg', 'late');
  expect(await find('ffmpeg')).toMatchObject({ version: 'late' });
});
