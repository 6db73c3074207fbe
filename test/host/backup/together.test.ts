import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NOON, SIGNAL, world } from './world.ts';

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
