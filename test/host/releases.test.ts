import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createReleases } from '../../src/host/releases/releases.ts';
import { readRelease, writeRelease } from '../../src/host/releases/releases-marker.ts';
import { testClock } from '../support/clock.ts';
import { errorOf, freshFolder, testCommands } from './support/commands.ts';
import { anEnvironment, makeRepository, put } from './support/repository.ts';

function world(shared: readonly string[] = []) {
  const folder = freshFolder();
  const root = join(folder, 'srv');
  const repository = makeRepository(folder);
  const environment = anEnvironment(root, { kind: 'git', url: repository.url }, shared);
  const unlinked: string[] = [];
  const clock = testClock();
  const releases = createReleases({ commands: testCommands(folder), clock, onUnlinked: ({ name }) => unlinked.push(name) });
  const fetch = (tag: string, commit: string, id: string) =>
    releases.fetch({ environment, tag, commit, id, signal: new AbortController().signal, onLine: () => {} });
  return { folder, root, repository, environment, releases, fetch, unlinked, clock };
}

/** A release as a folder, without a source. */
function shipped(root: string, files: Record<string, string>, name = 'v1.0.0-a'): string {
  const release = join(root, 'releases', name);
  mkdirSync(join(root, 'shared'), { recursive: true });
  mkdirSync(release, { recursive: true });
  for (const [file, text] of Object.entries(files)) put(join(release, file), text);
  return release;
}

test('fetches a release under its final name, marked with tag and commit, and nothing else beside it', async () => {
  const { root, repository, fetch } = world();
  const commit = repository.commit({ 'server.js': 'good', '.dhash-release.json': '-> /etc/hostname' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  const release = await fetch('v1.0.0', commit, 'd-7k3f9x');
  expect(release).toBe(join(root, 'releases', 'v1.0.0-d-7k3f9x'));
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-d-7k3f9x']);
  expect(await readRelease(release)).toEqual({ tag: 'v1.0.0', commit, id: 'd-7k3f9x', createdAt: Date.UTC(2026, 10, 23, 12) });
  expect(readFileSync(join(release, '.dhash-release.json'), 'utf8')).toContain('"createdAt": "2026-11-23T12:00:00Z"');
});

test('returns a complete release as it is, and clears what a crash left of the same one', async () => {
  const { root, repository, fetch } = world();
  const commit = repository.commit({ 'server.js': 'good' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  put(join(root, 'releases', '.tmp-v1.0.0-x1.5a5a5a5a', 'tree', 'half.js'), 'half');
  const release = await fetch('v1.0.0', commit, 'x1');
  expect(readdirSync(release).sort()).toEqual(['.dhash-release.json', 'server.js']);
  writeFileSync(join(release, 'built'), 'by npm');
  put(join(root, 'releases', '.tmp-v1.0.0-x1.5a5a5a5a', 'git', 'HEAD'), 'killed right after it was complete');
  expect(await fetch('v1.0.0', commit, 'x1')).toBe(release);
  expect(existsSync(join(release, 'built'))).toBe(true);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-x1']);

  const error = await errorOf(fetch('v1.0.0', 'f'.repeat(40), 'x1'));
  expect(error.code).toBe('release-conflict');
});

test('a fetch that wakes up after another worker took it over leaves what that one unpacks alone', async () => {
  const { root, folder, repository, environment, clock } = world();
  const commit = repository.commit({ 'server.js': 'good' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  const fetch = (mayBegin: () => Promise<void>) =>
    createReleases({ commands: testCommands(folder), clock, onUnlinked: () => {} }).fetch({
      ...{ environment, tag: 'v1.0.0', commit, id: 'x1', signal: new AbortController().signal, onLine: () => {} },
      mayBegin,
    });
  const asleep = Promise.withResolvers<void>();
  const awake = Promise.withResolvers<void>();
  const stale = fetch(() => {
    asleep.resolve();
    return awake.promise;
  });
  const staleEnd = expect(stale).rejects.toThrow('the lease is lost');
  await asleep.promise;
  let asked = 0;
  const release = await fetch(async () => {
    asked += 1;
    if (asked !== 3) return;
    awake.reject(new Error('the lease is lost'));
    await staleEnd;
  });
  expect(asked).toBeGreaterThan(3);
  expect(readdirSync(release).sort()).toEqual(['.dhash-release.json', 'server.js']);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-x1']);
});

test('leaves nothing behind when a fetch fails', async () => {
  const { root, repository, fetch } = world();
  const commit = repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  expect((await errorOf(fetch('v1.0.0', 'a'.repeat(40), 'x1'))).code).toBe('tag-moved');
  expect(readdirSync(join(root, 'releases'))).toEqual([]);
  expect((await errorOf(fetch('v1.0.0', commit, '../x'))).code).toBe('bad-release-id');
  expect((await errorOf(fetch('../v1', commit, 'x'))).code).toBe('unknown-tag');
});

test('moves shared data out of the first release and links it into each one', async () => {
  const { root, environment, releases } = world(['data', 'config/local.json']);
  const first = shipped(root, { 'data/seed.txt': 'seed', 'config/local.json': '{}' });
  await releases.linkShared(environment, first);
  await releases.linkShared(environment, first);
  expect(readlinkSync(join(first, 'data'))).toBe('../../shared/data');
  expect(readlinkSync(join(first, 'config/local.json'))).toBe('../../../shared/config/local.json');
  expect(readFileSync(join(first, 'data/seed.txt'), 'utf8')).toBe('seed');

  writeFileSync(join(root, 'shared/data/live.txt'), 'live');
  const second = shipped(root, { 'data/seed.txt': 'other' }, 'v2.0.0-b');
  await releases.linkShared(environment, second);
  expect(readFileSync(join(second, 'data/live.txt'), 'utf8')).toBe('live');
  expect(readFileSync(join(second, 'data/seed.txt'), 'utf8')).toBe('seed');
});

test('makes an empty shared folder, leaves out a file that nobody has, and says so', async () => {
  const { root, environment, releases, unlinked } = world(['data', '.env', 'settings.json']);
  const release = shipped(root, {});
  await releases.linkShared(environment, release);
  expect(readdirSync(release)).toEqual(['data']);
  expect(readdirSync(join(root, 'shared'))).toEqual(['data']);
  expect(unlinked).toEqual(['.env', 'settings.json']);

  writeFileSync(join(root, 'shared/.env'), 'KEY=1');
  await releases.linkShared(environment, release);
  expect(readlinkSync(join(release, '.env'))).toBe('../../shared/.env');
});

test('goes on after a crash between moving and linking', async () => {
  const { root, environment, releases } = world(['data']);
  const release = shipped(root, {});
  put(join(root, 'shared/data/seed.txt'), 'seed');
  await releases.linkShared(environment, release);
  expect(readFileSync(join(release, 'data/seed.txt'), 'utf8')).toBe('seed');
});

test('takes a link that a release ships under a shared name for no data', async () => {
  const { root, environment, releases } = world(['data']);
  const release = shipped(root, { data: '-> /etc' });
  await releases.linkShared(environment, release);
  expect(readlinkSync(join(release, 'data'))).toBe('../../shared/data');
  expect(readdirSync(join(root, 'shared/data'))).toEqual([]);
});

test.for(['..', '../x', '/etc', '', 'a/../b', './a', 'a//b', 'a/'])(
  'refuses %j as a shared name before it touches anything',
  async (name) => {
    const { root, environment, releases } = world(['data', name]);
    const release = shipped(root, {});
    expect((await errorOf(releases.linkShared(environment, release))).code).toBe('bad-shared-name');
    expect(readdirSync(release)).toEqual([]);
  },
);

test('does not follow a link of the release out of it', async () => {
  const { folder, root, environment, releases } = world(['config/local.json']);
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  const release = shipped(root, { config: `-> ${outside}` });
  put(join(root, 'shared/config/local.json'), '{}');
  expect((await errorOf(releases.linkShared(environment, release))).code).toBe('shared-outside-release');
  expect(readdirSync(outside)).toEqual([]);
});

test('lists complete releases, newest first', async () => {
  const { root, environment, releases } = world();
  expect(await releases.list(environment)).toEqual([]);
  const old = shipped(root, {}, 'v9.0.0-a');
  const young = shipped(root, {}, 'v10.0.0-b');
  await writeRelease(old, { tag: 'v9.0.0', commit: 'a', id: 'a', createdAt: 1_000 });
  await writeRelease(young, { tag: 'v10.0.0', commit: 'b', id: 'b', createdAt: 2_000 });
  shipped(root, {}, '.tmp-v11.0.0-c');
  expect(await releases.list(environment)).toEqual([young, old]);
});

test('removes a release, also after a crash in the middle, and again without an error', async () => {
  const { root, environment, releases } = world();
  const release = shipped(root, { 'a/b': 'x' });
  shipped(root, { x: 'x' }, '.tmp-trash-v0.9.0-z');
  await releases.remove(environment, release);
  await releases.remove(environment, release);
  expect(readdirSync(join(root, 'releases'))).toEqual([]);
});

test('removes nothing but what stands directly under releases', async () => {
  const { folder, root, environment, releases } = world();
  const release = shipped(root, { 'a/b': 'x' });
  symlinkSync(folder, join(root, 'releases', 'link'));
  for (const path of [
    folder,
    root,
    join(root, 'releases'),
    join(release, 'a'),
    join(root, 'shared'),
    `${release}/../..`,
    '',
    '/',
    join(root, 'releases', '.tmp-x'),
  ]) {
    expect((await errorOf(releases.remove(environment, path))).code, path).toBe('not-a-release');
  }
  await releases.remove(environment, join(root, 'releases', 'link'));
  expect(existsSync(join(release, 'a/b'))).toBe(true);
});

test('keeps the live release', async () => {
  const { root, environment, releases } = world();
  const release = shipped(root, {});
  await releases.mark(environment, release, 'v1.0.0');
  expect((await errorOf(releases.remove(environment, release))).code).toBe('release-in-use');
  expect(existsSync(release)).toBe(true);
});
