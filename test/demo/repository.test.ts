import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRepository, RELEASES } from '../../demo/repository.ts';
import { temporaryFolder } from './support.ts';

let dir: Awaited<ReturnType<typeof temporaryFolder>>;
let repository: string;
beforeAll(async () => {
  dir = await temporaryFolder();
  repository = await createRepository(`${dir.path}/a`);
});
afterAll(() => dir.remove());

async function git(repository: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)('git', [`--git-dir=${repository}`, ...args])).stdout.trim();
}

it('makes the same commits and tags every time, also where a repository was before', async () => {
  const first = await git(repository, 'for-each-ref');
  expect(first.split('\n').filter((line) => line.includes('tag\trefs/tags/'))).toHaveLength(RELEASES.length);
  const again = await createRepository(`${dir.path}/b`);
  expect(await git(again, 'for-each-ref')).toBe(first);
  await git(again, 'tag', '-d', 'v2.1.0');
  expect(await git(await createRepository(`${dir.path}/b`), 'for-each-ref')).toBe(first);
});

it('builds each release on the one it names, the bad ones as hotfixes that come back to main', async () => {
  expect(await git(repository, 'log', '--first-parent', '--format=%s', 'main')).toBe(
    'Bring the hotfixes back\nName the most similar picture\nCompare hashes, hash faster\nHash pictures',
  );
  for (const { tag, on } of RELEASES) {
    const parent = await git(repository, 'log', '-1', '--format=%P', tag);
    expect(parent).toBe(on === null ? '' : await git(repository, 'rev-parse', `${on}^{commit}`));
    expect(JSON.parse(await git(repository, 'show', `${tag}:package.json`)).version).toBe(tag.slice(1));
  }
});
