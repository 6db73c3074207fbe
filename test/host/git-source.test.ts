import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createGitSource, lsRemote, parseTags } from '../../src/host/releases/git-source.ts';
import { aRun, errorOf, freshFolder, testCommands } from './support/commands.ts';
import { makeRepository } from './support/repository.ts';

function world(folder: string, url: string) {
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const source = createGitSource(url, testCommands(folder));
  const unpack = (tag: string, commit: string, signal = new AbortController().signal) =>
    source.unpack({ tag, commit, scratch, signal, onLine: () => {}, key: 'fetch' });
  return { source, unpack };
}

test('resolves light and annotated tags to their commits, and lists release tags only, newest version first', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const first = repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v9.0.0');
  repository.git('tag', 'nightly');
  repository.git('tag', 'v1;touch-x');
  const second = repository.commit({ 'server.js': '2' });
  repository.git('tag', '--annotate', 'v10.0.0', '--message=ten');
  repository.git('tag', '--annotate', 'v10.0.0-rc.1', '--message=again', 'v10.0.0');
  repository.publish();
  const { source } = world(folder, repository.url);

  expect(await source.tags()).toEqual(['v10.0.0', 'v10.0.0-rc.1', 'v9.0.0']);
  expect(await source.resolve('v9.0.0')).toBe(first);
  expect(await source.resolve('v10.0.0')).toBe(second);
  expect(await source.resolve('v10.0.0-rc.1')).toBe(second);
});

test('a tag with invisible characters is never taken for the one it looks like', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const good = repository.commit({ 'server.js': 'good' });
  repository.git('tag', 'v1.0.0');
  repository.commit({ 'server.js': 'evil' });
  for (const tag of ['v1.0.0\u202a', 'v1.0.0\u009b31m', 'v2.0.0\u200f']) repository.git('tag', tag);
  repository.publish();
  const { source } = world(folder, repository.url);
  expect(await source.resolve('v1.0.0')).toBe(good);
  expect((await errorOf(source.resolve('v2.0.0'))).code).toBe('unknown-tag');
});

test('tells an unknown tag with the newest ones that there are', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  const { source } = world(folder, repository.url);
  const error = await errorOf(source.resolve('v1.0.1'));
  expect(error).toMatchObject({ code: 'unknown-tag', message: `There is no tag v1.0.1 in ${repository.url}` });
  expect(error.hint).toContain('v1.0.0');
});

test.for(['v1;touch x', '-rf', 'v1$(id)', '../x', '--upload-pack=touch pwned', 'v1.0.0\n', '', 'main'])(
  'never hands %j to git',
  async (tag) => {
    const folder = freshFolder();
    const source = createGitSource('/nowhere', {
      run: () => {
        throw new Error('git was run');
      },
    });
    expect((await errorOf(source.resolve(tag))).code).toBe('unknown-tag');
    const unpack = source.unpack({ tag, commit: 'a', scratch: folder, signal: new AbortController().signal, onLine: () => {}, key: 'k' });
    expect((await errorOf(unpack)).code).toBe('unknown-tag');
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('tells an unreachable source with its cause and without its credentials', async () => {
  const folder = freshFolder();
  const gone = await errorOf(world(folder, join(folder, 'gone.git')).source.resolve('v1.0.0'));
  expect(gone.code).toBe('source-unreachable');
  expect(gone.hint).toContain('There is no git repository at');

  const refused = await errorOf(createGitSource('http://bot:s3cr3tword@127.0.0.1:1/x.git', testCommands(folder)).tags());
  expect(refused.code).toBe('source-unreachable');
  expect(refused.message).toContain('http://[redacted]@127.0.0.1:1/x.git');
  expect(refused.hint).toContain('was refused');
  expect(JSON.stringify([refused.message, refused.hint, refused.tail, String(refused.cause)])).not.toContain('s3cr3tword');
});

test.for(['-oProxyCommand=touch', '', 'ext::sh -c touch% pwned'])('refuses %j as an address', async (url) => {
  const folder = freshFolder();
  const error = await errorOf(createGitSource(url, testCommands(folder)).tags());
  expect(error.code).toBe('source-unreachable');
  expect(existsSync('/pwned')).toBe(false);
});

test('fetches the files of exactly the commit, with executable bits and links, and runs no hook', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const commit = repository.commit({
    'server.js': 'good',
    'bin/run': '#!/bin/sh\n',
    'lib/link.js': '-> ../server.js',
    'ünïcode name': 'x',
  });
  repository.git('tag', '--annotate', 'v2.0.0', '--message=two');
  repository.commit({ 'server.js': 'later' });
  repository.publish();
  const templates = join(folder, 'templates', 'hooks');
  mkdirSync(templates, { recursive: true });
  writeFileSync(join(templates, 'post-checkout'), `#!/bin/sh\ntouch ${folder}/hooked\n`, { mode: 0o755 });
  writeFileSync(join(folder, '.gitconfig'), `[init]\n  templateDir = ${join(folder, 'templates')}\n[core]\n  hooksPath = ${templates}\n`);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);

  const tree = await createGitSource(repository.url, testCommands(folder, { env: { HOME: folder } })).unpack({
    tag: 'v2.0.0',
    commit,
    scratch,
    signal: new AbortController().signal,
    onLine: () => {},
    key: 'fetch',
  });
  expect(readdirSync(tree).sort()).toEqual(['bin', 'lib', 'server.js', 'ünïcode name']);
  expect(readFileSync(join(tree, 'server.js'), 'utf8')).toBe('good');
  expect(statSync(join(tree, 'bin/run')).mode & 0o111).not.toBe(0);
  expect(lstatSync(join(tree, 'lib/link.js')).isSymbolicLink() && readlinkSync(join(tree, 'lib/link.js'))).toBe('../server.js');
  expect(existsSync(join(folder, 'hooked'))).toBe(false);
});

test('refuses a tag that is another commit by now, and one that was taken away', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const approved = repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v2.0.0');
  repository.publish();
  const moved = repository.commit({ 'server.js': '2' });
  repository.git('tag', '--force', 'v2.0.0');
  repository.publish();
  const error = await errorOf(world(folder, repository.url).unpack('v2.0.0', approved));
  expect(error.code).toBe('tag-moved');
  expect(error.message).toContain(approved.slice(0, 12));
  expect(error.message).toContain(moved.slice(0, 12));

  repository.git('push', '--quiet', 'origin', ':refs/tags/v2.0.0');
  const other = join(folder, 'other');
  mkdirSync(other);
  expect((await errorOf(world(other, repository.url).unpack('v2.0.0', approved))).code).toBe('unknown-tag');
});

test('fetches from a web server that only hands out files', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const commit = repository.commit({ 'server.js': 'good' });
  repository.git('tag', 'v1.0.0');
  repository.commit({ 'server.js': 'later' });
  repository.publish();
  repository.git(`--git-dir=${repository.url}`, 'update-server-info');
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url ?? '', 'http://x').pathname);
    if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
    return response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  // A listening server's address is an object with its port.
  const { port } = server.address() as AddressInfo;
  const tree = await world(folder, `http://127.0.0.1:${port}/mobius.git`).unpack('v1.0.0', commit);
  expect(readFileSync(join(tree, 'server.js'), 'utf8')).toBe('good');
});

test('stops when it is canceled', async () => {
  const folder = freshFolder();
  const repository = makeRepository(folder);
  const commit = repository.commit({ 'server.js': '1' });
  repository.git('tag', 'v1.0.0');
  repository.publish();
  expect((await errorOf(world(folder, repository.url).unpack('v1.0.0', commit, AbortSignal.abort()))).code).toBe('command-canceled');
});

test('tells a missing git program as such', async () => {
  const folder = freshFolder();
  const error = await errorOf(createGitSource('/srv/x.git', testCommands(folder, { env: { PATH: folder } })).tags());
  expect(error.code).toBe('source-unreachable');
  expect(error.hint).toContain('git is not installed');
});

test('takes only what ls-remote says about release tags', () => {
  const id = (letter: string) => letter.repeat(40);
  const tags = parseTags([
    `${id('a')}\trefs/tags/v1.0.0`,
    `${id('b')}\trefs/tags/v1.0.0^{}`,
    `${id('c')}\trefs/tags/v1`,
    `${id('d')}\trefs/heads/v2.0.0`,
    'warning: redirecting to https://example.com/',
    `${id('e')}\trefs/tags/v3.0.0-rc.1`,
  ]);
  expect([...tags]).toEqual([
    ['v1.0.0', id('b')],
    ['v3.0.0-rc.1', id('e')],
  ]);
  expect(lsRemote('x', null).slice(-2)).toEqual(['--end-of-options', 'x']);
  expect(lsRemote('x', 'v1.0.0').slice(-4)).toEqual(['--end-of-options', 'x', 'refs/tags/v1.0.0', 'refs/tags/v1.0.0^{}']);
  expect(aRun('/', ['git']).argv).toEqual(['git']);
});
