// Backups that somebody has had in hands: every cut, every flipped bit, every hostile name, each sealed anew as whoever can write there would do.

import { createHash } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asBotError } from '../../src/core/error.ts';
import { codeOf, FILE, SIGNAL, treeOf, world } from '../host/backup/world.ts';
import { MODES, rawBackup } from '../support/raw-zip.ts';
import { CORPUS } from './corpus.ts';

const HONEST = rawBackup([
  { name: 'release/a', content: 'a' },
  { name: 'release/b', content: 'some text that shrinks '.repeat(20) },
  { name: 'release/c', content: 'b', mode: MODES.link },
  { name: 'release/d/' },
]);

test('cut off at any byte, none is taken', async () => {
  const { judge } = world();
  expect(await judge(HONEST)).toBe('verified');
  for (let length = 0; length < HONEST.length; length += 1)
    expect(await judge(HONEST.subarray(0, length)), `cut at ${length}`).not.toBe('verified');
});

test('with any one bit flipped, either it is found or nothing that is restored differs', async () => {
  const { judge, root, environment, backups } = world();
  const restored = async () => {
    const { release } = await backups.restore({ environment, file: FILE, id: 'r-1', data: false, signal: SIGNAL });
    const { '.dhash-restored.json': marker, ...tree } = treeOf(release);
    rmSync(release, { recursive: true });
    expect(marker).toBeDefined();
    return tree;
  };
  await judge(HONEST);
  const before = await restored();
  let harmless = 0;
  for (let bit = 0; bit < HONEST.length * 8; bit += 1) {
    const flipped = Buffer.from(HONEST);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if ((await judge(flipped)) !== 'verified') continue;
    harmless += 1;
    expect(await restored(), `bit ${bit}`).toEqual(before);
  }
  // The version of the tool that made it and the like.
  expect(harmless).toBeLessThan(HONEST.length);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-d-1']);
});

test('an entry with any hostile name is refused, or restored as a file of that name inside its release', async () => {
  const { judge, root, environment, backups } = world();
  let taken = 0;
  for (const text of new Set(CORPUS.map((one) => one.text))) {
    expect(await judge(rawBackup([{ name: text, content: 'x' }])), JSON.stringify(text)).not.toBe('verified');
    if ((await judge(rawBackup([{ name: `release/${text}`, content: 'x' }]))) !== 'verified') continue;
    taken += 1;
    const { release } = await backups.restore({ environment, file: FILE, id: 'r-1', data: false, signal: SIGNAL });
    expect(readdirSync(release).sort()).toEqual(['.dhash-restored.json', text].sort());
    rmSync(release, { recursive: true });
  }
  expect(taken).toBeGreaterThan(100);
  expect(readdirSync(root).filter((name) => !['VERSION', 'backups', 'releases', 'shared'].includes(name))).toEqual([]);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-d-1']);
});

test('whoever swaps zip and seal while it is restored gets one of the two, whole, or a refusal', async () => {
  const { seal, root, environment, backups } = world();
  const zips = ['first', 'other'].map((word) =>
    rawBackup([
      { name: 'release/a', content: longOf(word) },
      { name: 'release/b', content: word },
    ]),
  );
  const ended = new Map<string, number>();
  for (let round = 0; round < 60; round += 1) {
    seal(zips[0] ?? Buffer.alloc(0));
    const restoring = backups
      .restore({ environment, file: FILE, id: `r-${round}`, data: false, signal: SIGNAL })
      .then(({ release }) => treeOf(release), asBotError);
    // From before the thread is up to after it is done.
    for (let turn = 0; turn < round * 1_500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    swap(join(root, 'backups', FILE), zips[1] ?? Buffer.alloc(0), round % 2 === 0);
    const found = await restoring;
    const kind = 'code' in found ? String(found.code) : wordOf(found);
    ended.set(kind, (ended.get(kind) ?? 0) + 1);
  }
  expect([...ended.keys()].filter((kind) => !['first', 'other', 'backup-broken'].includes(kind))).toEqual([]);
  expect([...ended.keys()]).toEqual(expect.arrayContaining(['first', 'other']));
  expect(await codeOf(backups.restore({ environment, file: `../${FILE}`, id: 'r-x', data: false, signal: SIGNAL }))).toBe(
    'not-a-backup-name',
  );
});

/** By a rename, or written over in place; the seal follows or not. */
function swap(path: string, zip: Buffer, renamed: boolean): void {
  if (renamed) {
    writeFileSync(`${path}.new`, zip);
    renameSync(`${path}.new`, path);
  } else writeFileSync(path, zip);
  writeFileSync(`${path}.sha256`, `${createHash('sha256').update(zip).digest('hex')}  backups/${FILE}\n`);
}

/** 256 kB that shrink no more than honest data does. */
function longOf(word: string): string {
  return Array.from({ length: 4_000 }, (_, at) => hash(`${word} ${at}`)).join('');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Which of the two, if both its files are of one. */
function wordOf(tree: Readonly<Record<string, unknown>>): string {
  const word = ['first', 'other'].find((one) => String(tree['a']).endsWith(hash(longOf(one))) && String(tree['b']).endsWith(hash(one)));
  return word ?? 'a mixture';
}
