import { expect, test } from 'vitest';
import { changedInGit } from '../../src/host/releases/git-changes.ts';
import { freshFolder, testCommands } from './support/commands.ts';
import { makeRepository } from './support/repository.ts';

const { signal } = new AbortController();

test('names the files under the folder that differ between two releases, renamed and removed ones too', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
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
});

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
