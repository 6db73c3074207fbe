// A git server, or a repository, that wants more than to hand out a release: to send the bot elsewhere, to be given what was meant for another, to run something.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { changedInGit } from '../../src/host/releases/git-changes.ts';
import { createGitSource } from '../../src/host/releases/git-source.ts';
import { errorOf, freshFolder, testCommands } from '../host/support/commands.ts';
import { makeRepository } from '../host/support/repository.ts';
import { portOf } from '../support/notify/smtp.ts';

const NEVER = new AbortController().signal;

/** Hands out the files of the folder, or sends everybody to the address; notes who came and with which headers. */
async function serving(folder: string, to: (path: string) => string | null = () => null) {
  const came: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    came.push({ url, headers });
    const elsewhere = to(url);
    if (elsewhere !== null) return response.writeHead(302, { location: elsewhere }).end();
    const path = join(folder, new URL(url, 'http://x').pathname);
    if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
    return response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { came, port: portOf(server.address()) };
}

function release(folder: string, files: Record<string, string>) {
  const repository = makeRepository(folder);
  const commit = repository.commit(files);
  repository.git('tag', 'v1.0.0');
  repository.publish();
  repository.git(`--git-dir=${repository.url}`, 'update-server-info');
  return { repository, commit };
}

test('a server that redirects is not followed, neither to another host nor with what was meant for it, and it is said where to look', async () => {
  const folder = freshFolder();
  const { commit } = release(folder, { 'server.js': '1' });
  writeFileSync(join(folder, '.gitconfig'), '[http]\n  extraHeader = X-Secret: s3cr3tword\n');
  const elsewhere = await serving(folder);
  const server = await serving(folder, (path) => `http://localhost:${elsewhere.port}${path}`);
  const url = `http://bot:s3cr3tword@127.0.0.1:${server.port}/mobius.git`;
  const commands = testCommands(folder, { env: { HOME: folder } });
  const source = createGitSource(url, commands);
  const error = await errorOf(source.resolve('v1.0.0'));
  expect(error).toMatchObject({ code: 'source-unreachable', hint: expect.stringMatching(/redirect.*source\.git/s) });

  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  await errorOf(source.unpack({ tag: 'v1.0.0', commit, scratch, signal: NEVER, onLine: () => {}, key: 'k' }));
  const release_ = { tag: 'v1.0.0', commit };
  await errorOf(
    changedInGit(url, commands, { from: release_, to: { tag: 'v1.0.1', commit: 'a'.repeat(40) }, under: 'golden', signal: NEVER }),
  );
  expect(server.came.length).toBeGreaterThan(2);
  expect(elsewhere.came).toEqual([]);
});

test('objects that a server keeps elsewhere are not fetched from there', async () => {
  const folder = freshFolder();
  const { commit } = release(folder, { 'server.js': '1' });
  const elsewhere = await serving(folder);
  const server = await serving(folder, (path) => (path.includes('/objects/') ? `http://localhost:${elsewhere.port}${path}` : null));
  writeFileSync(join(folder, 'mobius.git/objects/info/http-alternates'), `http://localhost:${elsewhere.port}/mobius.git/objects\n`);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const source = createGitSource(`http://127.0.0.1:${server.port}/mobius.git`, testCommands(folder));
  await errorOf(source.unpack({ tag: 'v1.0.0', commit, scratch, signal: NEVER, onLine: () => {}, key: 'k' }));
  expect(elsewhere.came).toEqual([]);
});

test.each(['ext::sh -c touch% PWNED', 'fd::17/x', 'evil::http://127.0.0.1/x', 'ftp://127.0.0.1:1/x', 'transport::address'])(
  'no program is run for the address %s',
  async (url) => {
    const folder = freshFolder();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const helper of ['evil', 'transport', 'ftp'])
      writeFileSync(join(bin, `git-remote-${helper}`), `#!/bin/sh\ntouch ${folder}/PWNED\n`, { mode: 0o755 });
    const commands = testCommands(folder, { env: { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` } });
    const error = await errorOf(createGitSource(url.replace('PWNED', `${folder}/PWNED`), commands).tags());
    expect(error.code).toBe('source-unreachable');
    expect(error.message).toMatch(/transport .* not allowed/);
    expect(existsSync(join(folder, 'PWNED'))).toBe(false);
  },
);

test('what a repository wants done when it is checked out is not done: submodules, hooks, filters, its own configuration', async () => {
  const folder = freshFolder();
  const elsewhere = await serving(folder);
  const touch = (name: string) => `sh -c 'touch ${folder}/${name}; cat'`;
  const { repository } = release(folder, { 'server.js': '1' });
  repository.commit({
    '.gitmodules': `[submodule "sub"]\n  path = lib/sub\n  url = http://localhost:${elsewhere.port}/mobius.git\n  update = !touch ${folder}/SUBMODULE\n`,
    '.gitattributes': '* filter=evil\n*.bin filter=lfs diff=lfs\n',
    '.gitconfig': `[filter "evil"]\n  smudge = ${touch('FILTER')}\n[core]\n  sshCommand = ${touch('SSH')}\n  fsmonitor = ${touch('MONITOR')}\n`,
    '.lfsconfig': `[lfs]\n  url = http://localhost:${elsewhere.port}/lfs\n`,
    'video.bin': 'version https://git-lfs.github.com/spec/v1\n',
    '.githooks/post-checkout': `#!/bin/sh\ntouch ${folder}/HOOK\n`,
  });
  repository.git('update-index', '--add', '--cacheinfo', `160000,${'b'.repeat(40)},lib/sub`);
  repository.git('commit', '--quiet', '--message=submodule');
  const commit = repository.git('rev-parse', 'HEAD');
  repository.git('tag', '--force', 'v1.0.0');
  repository.publish();
  // What makes git do all that by itself, where it may.
  writeFileSync(
    join(folder, '.gitconfig'),
    '[submodule]\n  recurse = true\n[fetch]\n  recurseSubmodules = true\n[core]\n  hooksPath = .githooks\n',
  );
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  const source = createGitSource(repository.url, testCommands(folder, { env: { HOME: folder } }));
  const tree = await source.unpack({ tag: 'v1.0.0', commit, scratch, signal: NEVER, onLine: () => {}, key: 'k' });
  expect(readFileSync(join(tree, 'server.js'), 'utf8')).toBe('1');
  expect(readdirSync(folder).filter((name) => name === name.toUpperCase())).toEqual([]);
  expect(readdirSync(join(tree, 'lib/sub'))).toEqual([]);
  expect(elsewhere.came).toEqual([]);
});
