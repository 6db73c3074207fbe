import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { changedInGit } from '../../src/host/releases/git-changes.ts';
import { createReleases } from '../../src/host/releases/releases.ts';
import { testClock } from '../support/clock.ts';
import { freshFolder, testCommands } from './support/commands.ts';
import { anEnvironment, makeRepository, type Repository } from './support/repository.ts';

function mayFilter({ url }: Repository, filters: boolean): void {
  execFileSync('git', [`--git-dir=${url}`, 'config', 'uploadpack.allowFilter', String(filters)]);
}

const { signal } = new AbortController();

test.each([true, false])(
  'names the files under the folder that differ, renamed and removed ones too, where the server filters: %s',
  async (filters) => {
    const folder = freshFolder();
    const repository = makeRepository(folder);
    mayFilter(repository, filters);
    const golden = 'tests/golden/x';
    const one = repository.commit({ [`${golden}/container.json`]: '1', [`${golden}/old.png`]: 'same', 'server.js': '1' });
    repository.git('tag', 'v1.0.0');
    repository.git('mv', `${golden}/old.png`, `${golden}/new.png`);
    const two = repository.commit({ [`${golden}/container.json`]: '2', 'server.js': '2' });
    repository.git('tag', '-a', 'v2.0.0', '-m', 'two');
    const three = repository.commit({ 'server.js': '3' });
    repository.git('tag', 'v3.0.0');
    repository.publish();

    const commands = testCommands(folder);
    const changed = (from: readonly [string, string], to: readonly [string, string]) =>
      changedInGit(repository.url, commands, {
        from: { tag: from[0], commit: from[1] },
        to: { tag: to[0], commit: to[1] },
        under: 'tests/golden',
        signal,
      });
    expect(await changed(['v1.0.0', one], ['v2.0.0', two])).toEqual([`${golden}/container.json`, `${golden}/new.png`, `${golden}/old.png`]);
    expect(await changed(['v2.0.0', two], ['v3.0.0', three])).toEqual([]);
    await expect(changed(['v1.0.0', two], ['v3.0.0', three])).rejects.toMatchObject({ code: 'tag-moved' });
  },
);

test('no name hides a file that changed', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const one = repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v1.0.0');
  const names = ['a"b.png', 'new\nline.png', 'esc\u001b[2J.png', 'back\\slash.png', '\u202egnp.exe'];
  const two = repository.commit(Object.fromEntries(names.map((name) => [`tests/golden/x/${name}`, '2'])));
  repository.git('tag', 'v2.0.0');
  repository.publish();
  const found = await changedInGit(repository.url, testCommands(folder), {
    from: { tag: 'v1.0.0', commit: one },
    to: { tag: 'v2.0.0', commit: two },
    under: 'tests/golden',
    signal,
  });
  expect(found).toHaveLength(names.length);
  expect(found.join('')).toMatch(/^[ -~]+$/);
});

test.each([true, false])(
  'counts the commits between two releases and gives the newest subjects, where the server filters: %s',
  async (filters) => {
    const folder = freshFolder();
    const repository = makeRepository(folder);
    mayFilter(repository, filters);
    const one = repository.commit({ 'server.js': '1' });
    repository.git('tag', 'v1.0.0');
    repository.git('switch', '--quiet', '-c', 'side');
    const subjects = ['<!channel> *all* `rm -rf` $(id)', 'commit 0000', `long ${'x'.repeat(200)}`, 'esc\u001b[2J'];
    for (const subject of subjects) repository.git('commit', '--quiet', '--allow-empty', '-m', `${subject}\n\nsubject:of the body`);
    repository.git('switch', '--quiet', 'main');
    repository.git('merge', '--quiet', '--no-ff', '-m', 'Merge side', 'side');
    const two = repository.commit({ 'server.js': '2' });
    repository.git('tag', '-a', 'v2.0.0', '-m', 'two');
    repository.publish();

    const releases = createReleases({ commands: testCommands(folder), clock: testClock(), onUnlinked: () => {} });
    const environment = anEnvironment(folder, { kind: 'git', url: repository.url });
    const [from, to] = [
      { tag: 'v1.0.0', commit: one },
      { tag: 'v2.0.0', commit: two },
    ];
    expect(await releases.newCommits({ environment, from, to, signal })).toEqual({
      count: 6,
      missing: 0,
      subjects: ['change', 'Merge side', 'esc', `long ${'x'.repeat(114)}…`, 'commit 0000'],
    });
    expect(await releases.newCommits({ environment, from: to, to: from, signal })).toEqual({ count: 0, missing: 6, subjects: [] });
    expect(await releases.newCommits({ environment, from: to, to, signal })).toEqual({ count: 0, missing: 0, subjects: [] });
    await expect(releases.newCommits({ environment, from: { ...from, commit: two.replace(/^./, 'f') }, to, signal })).rejects.toMatchObject(
      {
        code: 'tag-moved',
      },
    );
    const archive = anEnvironment(folder, { kind: 'archive', path: `${folder}/{tag}.zip` });
    expect(await releases.newCommits({ environment: archive, from, to, signal })).toBeNull();
  },
);
