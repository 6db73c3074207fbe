import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRepository, RELEASES } from '../../demo/repository.ts';
import { temporaryFolder } from './support.ts';

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  dir = await temporaryFolder();
});
afterEach(() => dir.remove());

async function git(repository: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)('git', [`--git-dir=${repository}`, ...args])).stdout.trim();
}

it('makes the same commits and tags every time', async () => {
  const first = await git(await createRepository(`${dir.path}/a`), 'for-each-ref');
  const second = await git(await createRepository(`${dir.path}/b`), 'for-each-ref');
  expect(first).toBe(second);
  expect(first.split('\n').filter((line) => line.includes('tag\trefs/tags/'))).toHaveLength(RELEASES.length);
});

it('makes it anew where one was before', async () => {
  const repository = await createRepository(dir.path);
  const before = await git(repository, 'for-each-ref');
  await git(repository, 'tag', '-d', 'v2.1.0');
  expect(await git(await createRepository(dir.path), 'for-each-ref')).toBe(before);
});

it('builds each release on the one it names, the bad ones as hotfixes that come back to main', async () => {
  const repository = await createRepository(dir.path);
  expect(await git(repository, 'log', '--first-parent', '--format=%s', 'main')).toBe(
    'Bring the hotfixes back\nName the most similar picture\nCompare hashes, hash faster\nHash pictures',
  );
  for (const { tag, on } of RELEASES) {
    const parent = await git(repository, 'log', '-1', '--format=%P', tag);
    expect(parent).toBe(on === null ? '' : await git(repository, 'rev-parse', `${on}^{commit}`));
    expect(JSON.parse(await git(repository, 'show', `${tag}:package.json`)).version).toBe(tag.slice(1));
  }
});
