import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mark, readMarkers } from '../../src/host/releases/markers.ts';
import { prepareRoot } from '../../src/host/releases/releases-prepare.ts';
import { errorOf, freshFolder } from './support/commands.ts';

test('knows no live release in a fresh root', async () => {
  expect(await readMarkers(join(freshFolder(), 'srv'))).toEqual({ version: null, current: null });
});

test('marks a release as live and then another one, leaving no temporary file', async () => {
  const root = freshFolder();
  for (const name of ['v1.0.0-a', 'v2.0.0-b']) mkdirSync(join(root, 'releases', name), { recursive: true });
  await mark(root, join(root, 'releases', 'v1.0.0-a'), 'v1.0.0');
  await mark(root, join(root, 'releases', 'v2.0.0-b'), 'v2.0.0');
  expect(await readMarkers(root)).toEqual({ version: 'v2.0.0', current: join(root, 'releases', 'v2.0.0-b') });
  expect(readlinkSync(join(root, 'current'))).toBe('releases/v2.0.0-b');
  expect(readFileSync(join(root, 'VERSION'), 'utf8')).toBe('v2.0.0\n');
  expect(readdirSync(root).sort()).toEqual(['VERSION', 'current', 'releases']);
});

test('does not mark what is not there', async () => {
  const root = freshFolder();
  expect((await errorOf(mark(root, join(root, 'releases', 'gone'), 'v1.0.0'))).code).toBe('release-missing');
  expect(readdirSync(root)).toEqual([]);
});

test('says what to do when a folder stands where the link belongs', async () => {
  const root = freshFolder();
  mkdirSync(join(root, 'releases', 'v1.0.0-a'), { recursive: true });
  mkdirSync(join(root, 'current'));
  const error = await errorOf(mark(root, join(root, 'releases', 'v1.0.0-a'), 'v1.0.0'));
  expect(error).toMatchObject({ code: 'marker-not-written' });
  expect(error.hint).toContain(`mv ${root}/current ${root}/current.old`);
  expect(readdirSync(root).sort()).toEqual(['current', 'releases']);
  expect((await readMarkers(root)).current).toBe(join(root, 'current'));
});

test('makes the folders of a root, and again without an error', async () => {
  const root = join(freshFolder(), 'srv', 'mobius');
  await prepareRoot(root);
  await prepareRoot(root);
  expect(readdirSync(root).sort()).toEqual(['backups', 'releases', 'shared']);
});

test('names path, user and next command for a root it cannot use', async () => {
  const root = freshFolder();
  writeFileSync(join(root, 'shared'), 'a file');
  const blocked = await errorOf(prepareRoot(root));
  expect(blocked.code).toBe('not-writable');
  expect(blocked.message).toMatch(new RegExp(`^${root}/shared cannot be used by \\S+: EEXIST$`));
  expect(blocked.hint).toContain('A file stands in the way');

  // No user may make a folder in /proc.
  const denied = await errorOf(prepareRoot('/proc/dhash'));
  expect(denied.code).toBe('not-writable');
  expect(denied.hint).toContain('/proc');
});
