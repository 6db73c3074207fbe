import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { createArchiveSource } from '../../src/host/releases/archive-source.ts';
import { parseLine } from '../../src/host/releases/archive-tar.ts';
import { errorOf, freshFolder, testCommands } from './support/commands.ts';
import { put } from './support/repository.ts';

async function zip(files: readonly { name: string; text?: string; mode?: number }[]): Promise<Buffer> {
  const file = new ZipFile();
  for (const { name, text = '', mode = 0o100644 } of files) {
    if (name.endsWith('/')) file.addEmptyDirectory(name, { mtime: new Date(0) });
    else file.addBuffer(Buffer.from(text), name, { mode, mtime: new Date(0) });
  }
  const chunks: Buffer[] = [];
  const output = file.outputStream;
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  file.end();
  await finished(output);
  return Buffer.concat(chunks);
}

function tarOf(folder: string, files: Record<string, string>, ...extra: string[]): Buffer {
  const from = join(folder, 'from');
  mkdirSync(from);
  for (const [name, text] of Object.entries(files)) put(join(from, name), text);
  execFileSync('tar', ['--create', '--gzip', `--file=${folder}/made.tar.gz`, `--directory=${from}`, ...extra, '.'], { stdio: 'pipe' });
  rmSync(from, { recursive: true });
  return readFileSync(join(folder, 'made.tar.gz'));
}

function world(end: string, archives: Record<string, Buffer>) {
  const folder = freshFolder();
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch);
  mkdirSync(join(folder, 'artifacts'));
  for (const [name, bytes] of Object.entries(archives)) writeFileSync(join(folder, 'artifacts', name), bytes);
  const source = createArchiveSource(join(folder, `artifacts/{tag}${end}`), testCommands(folder));
  const unpack = async (tag: string, commit?: string, signal = new AbortController().signal) =>
    source.unpack({ tag, commit: commit ?? (await source.resolve(tag)), scratch, signal, onLine: () => {}, key: 'fetch' });
  return { folder, source, unpack };
}

test('lists tags out of file names, newest first, and resolves them to the hash of the bytes', async () => {
  const bytes = Buffer.from('bytes');
  const { folder, source } = world('.zip', {
    'v9.0.0.zip': bytes,
    'v10.0.0.zip': bytes,
    'v1.zip': bytes,
    'v1.0.0.tar.gz': bytes,
    'readme.txt': bytes,
  });
  mkdirSync(join(folder, 'artifacts', 'v11.0.0.zip'));
  expect(await source.tags()).toEqual(['v10.0.0', 'v9.0.0']);
  expect(await source.resolve('v9.0.0')).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  const error = await errorOf(source.resolve('v1.2.3'));
  expect(error).toMatchObject({ code: 'unknown-tag' });
  expect(error.hint).toContain('v10.0.0, v9.0.0');
  expect((await errorOf(source.resolve('../v9.0.0'))).code).toBe('unknown-tag');
});

test('finds the tag in folder names too, and more than once', async () => {
  const folder = freshFolder();
  put(join(folder, 'dhash-v1.0.0/app-v1.0.0.zip'), 'x');
  put(join(folder, 'dhash-v1.1.0/app-v1.0.0.zip'), 'x');
  put(join(folder, 'v1.0.0_v1.0.0.zip'), 'x');
  put(join(folder, 'v1.0.0_v1.1.0.zip'), 'x');
  const commands = testCommands(folder);
  expect(await createArchiveSource(`${folder}/dhash-{tag}/app-{tag}.zip`, commands).tags()).toEqual(['v1.0.0']);
  expect(await createArchiveSource(`${folder}/{tag}_{tag}.zip`, commands).tags()).toEqual(['v1.0.0']);
});

test('tells a folder that is not there, and a template that names no archive', async () => {
  const folder = freshFolder();
  const gone = await errorOf(createArchiveSource(`${folder}/gone/{tag}.zip`, testCommands(folder)).resolve('v1.0.0'));
  expect(gone).toMatchObject({ code: 'source-unreachable', message: `Cannot read ${folder}/gone: ENOENT` });
  for (const template of ['/a/v1.zip', '/a/{tag}.rar', '/a/{tag}']) {
    await expect(async () => createArchiveSource(template, testCommands(folder))).rejects.toMatchObject({ code: 'bad-source' });
  }
});

test('unpacks a zip with executable bits, and takes the folder of a hosting site off', async () => {
  const files = [
    { name: 'mobius-1.0.0/' },
    { name: 'mobius-1.0.0/bin/run', text: '#!/bin/sh\n', mode: 0o100755 },
    { name: 'mobius-1.0.0/ünïcode', text: 'x' },
  ];
  const tree = await world('.zip', { 'v1.0.0.zip': await zip(files) }).unpack('v1.0.0');
  expect(readdirSync(tree).sort()).toEqual(['bin', 'ünïcode']);
  expect(statSync(join(tree, 'bin/run')).mode & 0o777).toBe(0o755);
  expect(statSync(join(tree, 'ünïcode')).mode & 0o111).toBe(0);

  const flat = await world('.zip', { 'v1.0.0.zip': await zip([{ name: 'dist/a.js', text: 'a' }]) }).unpack('v1.0.0');
  expect(readdirSync(flat)).toEqual(['dist']);
});

test('unpacks a .tar.gz with links and executable bits', async () => {
  const folder = freshFolder();
  const bytes = tarOf(folder, {
    'mobius-v1.0.0/bin/run': '#!/bin/sh\n',
    'mobius-v1.0.0/a b': 'x',
    'mobius-v1.0.0/ünïcode': 'x',
    'mobius-v1.0.0/lib/link': '-> ../a b',
  });
  const tree = await world('.tar.gz', { 'v1.0.0.tar.gz': bytes }).unpack('v1.0.0');
  expect(readdirSync(tree).sort()).toEqual(['a b', 'bin', 'lib', 'ünïcode']);
  expect(readFileSync(join(tree, 'lib/link'), 'utf8')).toBe('x');
  expect(lstatSync(join(tree, 'lib/link')).isSymbolicLink()).toBe(true);
  expect(statSync(join(tree, 'bin/run')).mode & 0o111).not.toBe(0);
});

test('refuses an archive that is another one by now', async () => {
  const bytes = await zip([{ name: 'a', text: 'a' }]);
  const { unpack } = world('.zip', { 'v1.0.0.zip': bytes });
  expect((await errorOf(unpack('v1.0.0', `sha256:${'0'.repeat(64)}`))).code).toBe('tag-moved');
});

test.for([
  ['../escape', 'a path that leaves the release'],
  ['a/../../escape', 'a path that leaves the release'],
  ['/absolute', 'an absolute path'],
  ['C:/drive', 'an absolute path'],
  ['back\\slash', 'a name with characters that are not allowed'],
  ['a//b', 'a path with an empty part'],
  ['n'.repeat(256), 'a name that is too long'],
] as const)('refuses a zip with the name %j', async ([name, why]) => {
  // The maker refuses such names, so a plain one of the same length is put in and written over.
  const plain = 'p'.repeat(Buffer.byteLength(name));
  const bytes = replaced(
    await zip([
      { name: 'ok', text: 'x' },
      { name: plain, text: 'x' },
    ]),
    plain,
    name,
  );
  const { folder, unpack } = world('.zip', { 'v1.0.0.zip': bytes });
  const error = await errorOf(unpack('v1.0.0'));
  expect(error.code).toBe('bad-archive');
  expect(error.message).toMatch(new RegExp(`${why}|absolute path|invalid`));
  expect(readdirSync(join(folder, 'scratch/tree'))).toEqual([]);
});

test.for([
  ['a link', [{ name: 'link', text: '/etc', mode: 0o120777 }], 'neither a file nor a folder'],
  ['a device', [{ name: 'null', mode: 0o020666 }], 'neither a file nor a folder'],
  ['names that differ in case only', [{ name: 'Readme' }, { name: 'README' }], 'is in it twice'],
  ['one file packed too well', [{ name: 'zeros', text: '0'.repeat(1_000_000) }], 'packed more than 200 times'],
] as const)('refuses a zip with %s', async ([, files, why]) => {
  const error = await errorOf(world('.zip', { 'v1.0.0.zip': await zip(files) }).unpack('v1.0.0'));
  expect(error.code).toBe('bad-archive');
  expect(error.message).toContain(why);
});

test('refuses a zip that is larger than 20 times its size, cut anywhere, damaged, or told in two ways', async () => {
  const many = Array.from({ length: 40 }, (_, index) => ({ name: `f${index}`, text: randomBytes(300).toString('hex').repeat(60) }));
  const big = await errorOf(world('.zip', { 'v1.0.0.zip': await zip(many) }).unpack('v1.0.0'));
  expect(big.message).toContain('bytes unpacked');

  const good = await zip([
    { name: 'a', text: 'some text that is long enough' },
    { name: 'b', text: 'more' },
  ]);
  for (const cut of [0, 10, 40, good.length - 30, good.length - 1]) {
    expect((await errorOf(world('.zip', { 'v1.0.0.zip': good.subarray(0, cut) }).unpack('v1.0.0'))).code).toBe('bad-archive');
  }
  const stored = Buffer.from(good);
  stored[33] = (stored[33] ?? 0) ^ 0xff;
  expect((await errorOf(world('.zip', { 'v1.0.0.zip': stored }).unpack('v1.0.0'))).code).toBe('bad-archive');
  const twoWays = Buffer.from(good);
  twoWays[30] = 'x'.charCodeAt(0);
  expect((await errorOf(world('.zip', { 'v1.0.0.zip': twoWays }).unpack('v1.0.0'))).message).toContain('told in two ways');
});

test.for([
  ['an absolute link', { link: '-> /etc' }, [], 'a link that leaves the release'],
  ['a link out of it', { 'a/link': '-> ../../outside' }, [], 'a link that leaves the release'],
  ['a link with an arrow in its name', { 'x -> y': '-> z' }, [], 'tar says'],
  ['a name that climbs', { x: 'x' }, ['--absolute-names', '--transform=s,^./x,../x,'], 'a path that leaves the release'],
  ['an absolute name', { x: 'x' }, ['--absolute-names', '--transform=s,^./x,/tmp/x,'], 'an absolute path'],
] as const)('refuses a .tar.gz with %s', async ([, files, extra, why]) => {
  const bytes = tarOf(freshFolder(), files, ...extra);
  const { folder, unpack } = world('.tar.gz', { 'v1.0.0.tar.gz': bytes });
  const error = await errorOf(unpack('v1.0.0'));
  expect(error.code).toBe('bad-archive');
  expect(error.message).toContain(why);
  expect(readdirSync(join(folder, 'scratch/tree'))).toEqual([]);
});

test('refuses a hard link out of a .tar.gz', async () => {
  const folder = freshFolder();
  put(join(folder, 'from/a'), 'x');
  linkSync(join(folder, 'from/a'), join(folder, 'from/b'));
  const out = ['--create', '--gzip', `--file=${folder}/x.tar.gz`, `--directory=${folder}/from`, '--absolute-names'];
  execFileSync('tar', [...out, '--transform=s,.*,../../outside,RSh', './a', './b'], { stdio: 'pipe' });
  const error = await errorOf(world('.tar.gz', { 'v1.0.0.tar.gz': readFileSync(join(folder, 'x.tar.gz')) }).unpack('v1.0.0'));
  expect(error).toMatchObject({ code: 'bad-archive' });
  expect(error.message).toContain('"b" is a link that leaves the release (to ../../outside)');
});

test('refuses a chain of links in a .tar.gz that only together lead out', async () => {
  const folder = freshFolder();
  const from = join(folder, 'from');
  mkdirSync(join(from, 'a/b'), { recursive: true });
  symlinkSync('a/b', join(from, 'deep'));
  // By its words this stays inside; through `deep` it climbs one folder higher than it seems.
  symlinkSync('deep/../../../..', join(from, 'c'));
  execFileSync('tar', ['--create', '--gzip', `--file=${folder}/x.tar.gz`, `--directory=${from}`, '.']);
  const error = await errorOf(world('.tar.gz', { 'v1.0.0.tar.gz': readFileSync(join(folder, 'x.tar.gz')) }).unpack('v1.0.0'));
  expect(error.code).toBe('bad-archive');
});

test('refuses a .tar.gz with a pipe in it, a bomb, a cut one and one that is none', async () => {
  const folder = freshFolder();
  mkdirSync(join(folder, 'p'));
  execFileSync('mkfifo', [join(folder, 'p/pipe')]);
  execFileSync('tar', ['--create', '--gzip', `--file=${folder}/p.tar.gz`, `--directory=${folder}/p`, '.']);
  const pipe = readFileSync(join(folder, 'p.tar.gz'));
  const bomb = tarOf(folder, { zeros: '0'.repeat(3_000_000) });
  for (const [bytes, why] of [
    [pipe, 'neither a file, a folder nor a link'],
    [bomb, 'bytes unpacked'],
    [bomb.subarray(0, bomb.length / 2), 'is not unpacked'],
    [Buffer.from('no archive'), 'is not unpacked'],
  ] as const) {
    const error = await errorOf(world('.tar.gz', { 'v1.0.0.tar.gz': bytes }).unpack('v1.0.0'));
    expect(error.code).toBe('bad-archive');
    expect(error.message).toContain(why);
  }
});

test('stops when it is canceled', async () => {
  const { unpack } = world('.zip', { 'v1.0.0.zip': await zip([{ name: 'a', text: 'a' }]) });
  expect((await errorOf(unpack('v1.0.0', undefined, AbortSignal.abort()))).code).toBe('command-canceled');
});

test('reads the lines of tar, and nothing else', () => {
  expect(parseLine('-rw-r--r-- 0/0            12 2026-11-23 12:00 ./a b')).toEqual({ type: '-', bytes: 12, name: 'a b', target: null });
  expect(parseLine('lrwxrwxrwx 0/0             0 2026-11-23 12:00 a -> ../b')).toEqual({ type: 'l', bytes: 0, name: 'a', target: '../b' });
  expect(parseLine('hrw-r--r-- 0/0             0 2026-11-23 12:00 a link to b')).toEqual({ type: 'h', bytes: 0, name: 'a', target: 'b' });
  expect(parseLine('tar: Error is not recoverable')).toBeNull();
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll(from, Buffer.from(to).toString('latin1')), 'latin1');
}
