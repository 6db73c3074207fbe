// Hostile text where the real host meets it: words of a program, names in a repository, its tags and its messages.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { isTag } from '../../src/core/tag.ts';
import { createBackups } from '../../src/host/backup/backups.ts';
import { createGitSource } from '../../src/host/releases/git-source.ts';
import { createReleases } from '../../src/host/releases/releases.ts';
import { treeOf } from '../host/backup/world.ts';
import { aRun, freshFolder, hostEnv, testCommands } from '../host/support/commands.ts';
import { anEnvironment, makeRepository } from '../host/support/repository.ts';
import { testClock } from '../support/clock.ts';
import { CORPUS, TRACE } from './corpus.ts';
import { inTerminal } from './oracles.ts';

const TEXTS = [...new Set(CORPUS.map(({ text }) => text))];
const NEVER = new AbortController().signal;

test('a program gets each as one word, unread by any shell, and prints it back without what drives a terminal', async () => {
  const folder = freshFolder();
  const commands = testCommands(folder);
  let tried = 0;
  for (const text of TEXTS) {
    if (text.includes('\0')) {
      await expect(commands.run(aRun(folder, ['printf', '%s', text]))).rejects.toMatchObject({ code: 'command-failed' });
      continue;
    }
    const printed: string[] = [];
    await commands.run(aRun(folder, ['printf', '%s', text], { onLine: (line) => printed.push(line) }));
    for (const line of printed) expect(inTerminal(line)).toEqual([]);
    tried += 1;
  }
  expect(tried).toBeGreaterThan(500);
  expect(readdirSync(folder)).toEqual(['run']);
});

test('what is no tag is asked nowhere', async () => {
  const ran: string[] = [];
  const source = createGitSource('/nowhere/x.git', {
    run: async ({ argv }) => {
      ran.push(argv.join(' '));
      throw new Error('a program was started');
    },
  });
  const tags = TEXTS.filter(isTag);
  for (const text of TEXTS.filter((one) => !tags.includes(one)))
    await expect(source.resolve(text)).rejects.toMatchObject({ code: 'unknown-tag' });
  expect(ran).toEqual([]);
  // Odd, and harmless everywhere a tag goes.
  expect(tags).toEqual(['v2.1.0-rf']);
});

test('a repository full of them is fetched, compared, backed up and restored as it is, and runs nothing', async () => {
  const folder = freshFolder();
  const root = join(folder, 'srv');
  const repository = makeRepository(folder);
  const work = join(folder, 'work');
  const first = repository.commit({ 'server.js': 'good' });
  repository.git('tag', 'v1.0.0');
  const names = fileNames();
  mkdirSync(join(work, 'tests/golden'), { recursive: true });
  for (const name of names) writeFileSync(join(work, 'tests/golden', name), name);
  writeFileSync(join(work, '.gitattributes'), '* filter=evil diff=evil\n');
  writeFileSync(join(work, '.gitmodules'), `[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch ${TRACE}"\n`);
  repository.git('add', '--all');
  const message = TEXTS.map((text) => text.replaceAll('\0', '')).join('\n');
  execFileSync('git', ['commit', '--quiet', '--file=-'], { cwd: work, env: { ...hostEnv(), ...WHO }, input: message });
  const commit = repository.git('rev-parse', 'HEAD');
  repository.git('tag', 'v2.0.0');
  const tags = tagNames();
  execFileSync('git', ['update-ref', '--stdin'], {
    cwd: work,
    env: { ...hostEnv(), ...WHO },
    input: tags.map((tag) => `create refs/tags/${tag} ${commit}\n`).join(''),
  });
  repository.publish();
  expect(names.length).toBeGreaterThan(300);
  expect(tags.length).toBeGreaterThan(40);

  const environment = anEnvironment(root, { kind: 'git', url: repository.url });
  const releases = createReleases({ commands: testCommands(folder), clock: testClock(), onUnlinked: () => {} });
  await releases.prepare(environment);
  for (const tag of await releases.tags(environment)) expect(isTag(tag)).toBe(true);
  expect(await releases.resolve(environment, 'v2.0.0')).toBe(commit);
  await expect(releases.resolve(environment, 'v2.1.0')).rejects.toMatchObject({ code: 'unknown-tag' });
  const fetched = { environment, tag: 'v2.0.0', commit, id: 'x1', signal: NEVER, onLine: () => {} };
  const release = await releases.fetch(fetched);
  expect(readdirSync(join(release, 'tests/golden')).sort()).toEqual([...names].sort());

  const between = { from: { tag: 'v1.0.0', commit: first }, to: { tag: 'v2.0.0', commit }, under: 'tests/golden', signal: NEVER };
  const changed = (await releases.changedFiles({ environment, ...between })) ?? [];
  expect(changed).toHaveLength(names.length);
  for (const line of changed) expect(inTerminal(line)).toEqual([]);
  const brought = await releases.newCommits({ environment, ...between });
  expect(brought).toMatchObject({ count: 1, missing: 0, subjects: [expect.any(String)] });
  for (const line of brought?.subjects ?? []) expect(inTerminal(line)).toEqual([]);

  const backups = createBackups({ freeBytes: async () => 1e12, log: { info: () => {}, warn: () => {} } });
  const backslashes = names.filter((name) => name.includes('\\'));
  execFileSync('rm', ['-f', '--', ...backslashes.map((name) => join(release, 'tests/golden', name))]);
  const made = await backups.create({
    environment,
    release,
    tag: 'v2.0.0',
    commit,
    kind: 'manual',
    at: Date.UTC(2026, 10, 23),
    signal: NEVER,
  });
  expect(await backups.verify(environment, made.file, 'full', NEVER)).toMatchObject({ kind: 'verified' });
  const restored = await backups.restore({ environment, file: made.file, id: 'r-1', data: false, signal: NEVER });
  const { '.dhash-restored.json': marker, ...tree } = treeOf(restored.release);
  expect(marker).toBeDefined();
  expect(tree).toEqual(treeOf(release));
  expect(traces(folder)).toEqual([]);
});

const WHO = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@x.test', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@x.test' };

/** What a file system takes as one name. */
function fileNames(): readonly string[] {
  const names = TEXTS.map((text) => text.replaceAll('\0', '').replaceAll('/', '\u2215').slice(0, 80));
  const folded = new Map(names.map((name) => [name.normalize('NFC').toLowerCase(), name]));
  return [...folded.values()].filter((name) => name.trim() !== '' && name.isWellFormed() && !/^\.{1,2}$|^\.git/i.test(name));
}

/** What git takes as a tag. */
function tagNames(): readonly string[] {
  const names = TEXTS.map((text) => text.replaceAll(' ', '$' + '{IFS}').slice(0, 120));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git takes none of them
  const refused = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|^[-/."]|[/.]$|\/[/.]|\.lock(\/|$)/;
  return [...new Set(names)].filter((name) => name !== '' && name.isWellFormed() && !refused.test(name));
}

/** Where a shell has read one of them. */
function traces(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => basename(path) === TRACE);
  return existsSync(TRACE) ? [...found, TRACE] : found;
}
