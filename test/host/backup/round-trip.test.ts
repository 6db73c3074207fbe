import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLeftOut } from '../../support/tools.ts';
import { environmentAt } from './environment-at.ts';
import { codeOf, NOON, SIGNAL, treeOf, world } from './world.ts';

test('gives back what it saved: contents, permissions, links, empty folders, odd names, times', async () => {
  const { root, release, environment, backups, write, create } = world();
  fill(write, release);
  const before = { release: treeOf(release), shared: treeOf(join(root, 'shared')) };

  const made = await create();
  const verified = await backups.verify(environment, made.file, 'full', SIGNAL);
  expect(verified).toEqual({
    kind: 'verified',
    purpose: 'manual',
    job: null,
    tag: 'v1.0.0',
    commit: 'abc',
    createdAt: NOON,
    bytes: made.bytes,
    files: made.files,
    sha256: made.sha256,
  });
  rmSync(join(root, 'shared/data'), { recursive: true });
  write('shared/data/newer', 'lost');
  const restored = await backups.restore({ environment, file: made.file, id: 'r-1', data: true, signal: SIGNAL });

  expect(restored).toEqual({ release: join(root, 'releases/v1.0.0-r-1'), tag: 'v1.0.0', commit: 'abc' });
  const { '.dhash-restored.json': marker, ...tree } = treeOf(restored.release);
  expect(marker).toBeDefined();
  expect(tree).toEqual(before.release);
  expect(treeOf(join(root, 'shared'))).toEqual(before.shared);
  expect(Object.keys(treeOf(join(root, 'shared.before-r-1')))).toEqual(['.env', 'data', 'data/newer']);
  expect(readdirSync(root).sort()).toEqual(['VERSION', 'backups', 'releases', 'shared', 'shared.before-r-1']);
});

test.skipIf(isLeftOut('unzip'))('is read by the tools of the guide: newest by name, sha256sum from the root, unzip', async () => {
  const { root, write, create } = world();
  fill(write, join(root, 'releases/v1.0.0-d-1'));
  await create({ tag: 'v9.0.0', at: NOON - 86_400_000 });
  const newest = await create({ tag: 'v10.0.0' });
  const shell = (line: string) => execFileSync('bash', ['-c', line], { cwd: root, encoding: 'utf8' }).trim();

  expect(shell('ls -1 backups/dhash*.zip | sort -r | head -n1')).toBe(`backups/${newest.file}`);
  expect(shell(`sha256sum -c backups/${newest.file}.sha256`)).toBe(`backups/${newest.file}: OK`);
  expect(shell(`unzip -tqq backups/${newest.file} && echo fine`)).toBe('fine');
  const manifest: { tag: string; entries: unknown[] } = JSON.parse(shell(`unzip -p backups/${newest.file} manifest.json`));
  expect(manifest).toMatchObject({ schema: 1, tag: 'v10.0.0', created: '2026-11-23T12:00:00Z', shared: ['.env', 'data'] });
  expect(shell(`zipinfo -1 backups/${newest.file} | tail -n1`)).toBe('manifest.json');
  expect(statSync(join(root, 'backups', newest.file)).mode & 0o777).toBe(0o600);
});

test('saves shared data and VERSION alone when there is no release, and says that there is none to go back to', async () => {
  const { environment, backups, write, create } = world();
  write('shared/data/a', 'a');
  const made = await create({ release: null });

  expect(made.files).toBe(1);
  expect(await codeOf(backups.restore({ environment, file: made.file, id: 'r-1', data: true, signal: SIGNAL }))).toBe(
    'no-release-in-backup',
  );
});

test('lists newest first, without temporary files, strangers and zips without a seal', async () => {
  const { root, environment, backups, write, create } = world();
  expect(await backups.list(environmentAt(join(root, 'nowhere'), []))).toEqual([]);
  const first = await create();
  const second = await create({ at: NOON + 1_000 });
  for (const name of [
    'dhash_2020.zip',
    '.tmp-backup-1-1-1-x.zip',
    'dhash_20271123_120000_v1.0.0.zip',
    'dhash_20281123_120000_v1.0.0.zip.sha256',
  ])
    write(`backups/${name}`, 'x');

  expect((await backups.list(environment)).map(({ file }) => file)).toEqual([second.file, first.file]);
  expect(await codeOf(backups.remove(environment, '../VERSION'))).toBe('not-a-backup-name');
  await backups.remove(environment, first.file);
  expect((await backups.list(environment)).map(({ file }) => file)).toEqual([second.file]);
  expect(readdirSync(join(root, 'backups')).filter((name) => name.startsWith(first.file))).toEqual([]);
});

test('answers the same backup when it is asked again after a crash, and takes the next second for another one', async () => {
  const { create } = world();
  const made = await create();

  expect(await create()).toEqual(made);
  expect((await create({ commit: 'other' })).file).toBe('dhash_20261123_120001_v1.0.0.zip');
  expect((await create({ tag: 'v2.0.0' })).file).toBe('dhash_20261123_120002_v2.0.0.zip');
  expect(await create()).toEqual(made);
});

test('returns a release that was restored before as it is, and never takes another for it', async () => {
  const { release, environment, backups, write, create } = world();
  write('releases/v1.0.0-d-1/a', 'a');
  const { file } = await create();
  const restore = (id: string) => backups.restore({ environment, file, id, data: false, signal: SIGNAL });
  const first = await restore('r-1');
  writeFileSync(join(first.release, 'left-by-the-service'), '');

  expect(await restore('r-1')).toEqual(first);
  expect(readdirSync(first.release)).toContain('left-by-the-service');
  expect(await codeOf(restore('d-1'))).toBe('release-exists');
  expect(readdirSync(release)).toEqual(['a']);
});

test('unpacks anew what was unpacked before the host went down', async () => {
  const { environment, backups, write, create } = world();
  write('releases/v1.0.0-d-1/a', 'a');
  const { file } = await create();
  const restore = () => backups.restore({ environment, file, id: 'r-1', data: false, signal: SIGNAL });
  const { release } = await restore();
  const marker = join(release, '.dhash-restored.json');
  writeFileSync(marker, readFileSync(marker, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"another"'));
  writeFileSync(join(release, 'a'), '');

  await restore();
  expect(readFileSync(join(release, 'a'), 'utf8')).toBe('a');
});

test('keeps the data from before the first try when a rollback with data is done twice', async () => {
  const { root, environment, backups, write, create } = world();
  write('shared/data/a', 'old');
  const { file } = await create();
  write('shared/data/a', 'new');
  write('shared/other', 'not shared, stays');
  const restore = (id: string) => backups.restore({ environment, file, id, data: true, signal: SIGNAL });
  await restore('r-1');
  // As after a crash between the swap and the last rename.
  rmSync(join(root, 'releases/v1.0.0-r-1'), { recursive: true });
  await restore('r-1');

  expect(readFileSync(join(root, 'shared/data/a'), 'utf8')).toBe('old');
  expect(readFileSync(join(root, 'shared.before-r-1/data/a'), 'utf8')).toBe('new');
  expect(readFileSync(join(root, 'shared/other'), 'utf8')).toBe('not shared, stays');
  await restore('r-2');
  expect(readdirSync(root).filter((name) => name.startsWith('shared.'))).toEqual(['shared.before-r-2']);
});

test('tells when shared data last changed', async () => {
  const { root, environment, backups, write } = world();
  expect(await backups.newestData(environment)).toBeNull();
  write('shared/data/deep/a', 'a');
  write('shared/b', 'b');
  utimesSync(join(root, 'shared/data/deep/a'), NOON / 1_000, NOON / 1_000);
  utimesSync(join(root, 'shared/b'), NOON / 1_000 - 60, NOON / 1_000 - 60);

  expect(await backups.newestData(environment)).toBe(NOON);
  rmSync(join(root, 'shared'), { recursive: true });
  expect(await backups.newestData(environment)).toBeNull();
});

test('restores what was verified when another zip takes its name meanwhile, or refuses', async () => {
  const { root, environment, backups, write, create } = world();
  write('releases/v1.0.0-d-1/a', 'good');
  const good = await create();
  write('releases/v1.0.0-d-1/a', 'evil');
  const evil = await create({ at: NOON + 60_000 });
  const path = join(root, 'backups', good.file);
  const [goodZip, evilZip] = [readFileSync(path), readFileSync(join(root, 'backups', evil.file))];

  for (let round = 0; round < 12; round += 1) {
    writeFileSync(path, goodZip);
    const restoring = backups.restore({ environment, file: good.file, id: `r-${round}`, data: false, signal: SIGNAL });
    for (let turn = 0; turn < round * 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(`${path}.new`, evilZip);
    renameSync(`${path}.new`, path);
    const outcome = await restoring.then(
      ({ release }) => readFileSync(join(release, 'a'), 'utf8'),
      (error: { code: string }) => error.code,
    );
    expect(['good', 'backup-broken']).toContain(outcome);
  }
});

function fill(write: (path: string, content: string | Buffer, mode?: number) => void, release: string): void {
  const inRelease = (path: string) => `releases/v1.0.0-d-1/${path}`;
  write(inRelease('empty'), '');
  write(inRelease('run.sh'), '#!/bin/sh\n', 0o755);
  write(inRelease('lib/größe 日本 \u{1F600}.txt'), 'text '.repeat(5_000));
  write(inRelease('zeros'), Buffer.alloc(5_000_000));
  write(inRelease('noise'), randomFillSync(Buffer.alloc(4_500_001)));
  write(inRelease('exact-blocks'), Buffer.alloc(2 * 1024 * 1024, 'block of text, '));
  for (let index = 0; index < 3_000; index += 1) write(inRelease(`many/${index % 30}/f${index}`), `file ${index} `.repeat(index % 50));
  mkdirSync(join(release, 'hollow/inner'), { recursive: true });
  symlinkSync('../run.sh', join(release, 'lib/link'));
  symlinkSync('../../shared/data', join(release, 'data'));
  symlinkSync('../../shared/.env', join(release, '.env'));
  write('shared/data/users.db', Buffer.alloc(100_000, 'row;'));
  write('shared/.env', 'KEY=value', 0o600);
  write('VERSION', 'v1.0.0\n');
  chmodSync(join(release, 'hollow'), 0o750);
  utimesSync(join(release, 'run.sh'), NOON / 1_000 - 5, NOON / 1_000 - 5);
}
