import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { expect, test } from 'vitest';
import { BotError } from '../../../src/core/error.ts';
import { codeOf, FILE, NOON, SIGNAL, world } from './world.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');

const KINDS = ['manual', 'pre-deploy', 'safety'] as const;

test('backups of one second that are made at the same time each get a name and a seal of their own', async () => {
  const host = world();
  host.write('shared/data/counter', '7');
  const made = await Promise.all([0, 250].flatMap((ms) => KINDS.map((kind) => host.create({ kind, at: NOON + ms }))));
  const files = made.map(({ file }) => file);
  expect(new Set(files).size).toBe(6);
  expect(readdirSync(join(host.root, 'backups')).toSorted()).toEqual(files.flatMap((file) => [file, `${file}.sha256`]).toSorted());
  for (const { file, sha256 } of made)
    expect(await host.backups.verify(host.environment, file, 'full', SIGNAL)).toMatchObject({ kind: 'verified', sha256 });
});

test('a backup of another kind from the very same moment is not taken for the one that is to be made', async () => {
  const host = world();
  const manual = await host.create({ kind: 'manual' });
  const pinned = await host.create({ kind: 'pre-deploy' });
  expect(pinned.file).not.toBe(manual.file);
  expect((await host.create({ kind: 'pre-deploy' })).file).toBe(pinned.file);
  expect((await host.create({ kind: 'manual' })).file).toBe(manual.file);
});

test('a backup of another job from the very same moment is not taken for the one that is to be made', async () => {
  const host = world();
  const files = [await host.create({ job: 'j-1' }), await host.create({ job: 'j-2' })].map(({ file }) => file);
  expect(new Set(files).size).toBe(2);
  expect((await host.create({ job: 'j-2' })).file).toBe(files[1]);
});

test('a seal without its zip goes with the next backup when its maker was killed, and stays when it is of somebody else', async () => {
  const host = world();
  const foreign = 'dhash_20261123_110000_v1.0.0.zip.sha256';
  writeFileSync(join(host.root, 'backups', foreign), 'copied by hand, its zip comes next');
  const argv = ['--import', join(FIXTURES, 'crash/places.ts'), join(FIXTURES, 'backup/create.ts'), host.root, String(NOON)];
  const at = { DHASH_SIGNAL_AT: 'before link backups/dhash_*_*_v*.*.*.zip#1', DHASH_SIGNAL: 'SIGKILL' };
  const [, signal] = await once(spawn(process.execPath, argv, { stdio: 'ignore', env: { ...env, ...at } }), 'exit');
  expect(signal).toBe('SIGKILL');
  const names = () => readdirSync(join(host.root, 'backups')).toSorted();
  expect(names().slice(-2)).toEqual([foreign, `${FILE}.sha256`]);

  expect((await host.create()).file).toBe(FILE);
  expect(names()).toEqual([foreign, FILE, `${FILE}.sha256`]);
});

test('a backup that may not show any more when it is ready leaves nothing behind', async () => {
  const host = world();
  const lost = new BotError({ code: 'lease-lost', message: 'another worker has the job', hint: null });
  expect(await codeOf(host.create({ mayShow: () => Promise.reject(lost) }))).toBe('lease-lost');
  expect(readdirSync(join(host.root, 'backups'))).toEqual([]);
});
