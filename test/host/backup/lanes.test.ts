// Backups that are large enough to be read by several threads at once.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { type RawEntry, rawBackup } from '../../support/raw-zip.ts';
import { codeOf, FILE, SIGNAL, treeOf, world } from './world.ts';

/** Two and a half megabytes each that shrink, but not so well that they look like a bomb. */
const large = (index: number): Buffer =>
  Buffer.concat(Array.from({ length: 5_000 }, (_, line) => Buffer.from(`${digest(index * line).repeat(8)}\n`)));
const digest = (number: number): string => createHash('sha256').update(String(number)).digest('hex');
const FILLING: readonly RawEntry[] = Array.from({ length: 9 }, (_, index) => ({ name: `release/large${index}`, content: large(index) }));
const TEXT = 'some text that shrinks '.repeat(200);

const WRONG: readonly (readonly [what: string, entry: RawEntry, code: string])[] = [
  ['nothing', { name: 'release/b', content: TEXT }, 'verified'],
  ['a CRC', { name: 'release/b', content: TEXT, claim: { crc: 7 } }, 'entry-crc'],
  ['a header', { name: 'release/b', content: TEXT, central: { crc: 7 } }, 'header-mismatch'],
  ['the length', { name: 'release/b', content: TEXT, packed: zlib.deflateRawSync(`${TEXT}more`) }, 'entry-size'],
  ['a small content', { name: 'release/b', content: TEXT, packed: Buffer.alloc(60, 7) }, 'entry-data'],
  ['a large content', { name: 'release/b', content: large(1), packed: zlib.deflateRawSync(large(2)) }, 'entry-crc'],
];

test.each(WRONG)('tells what several threads found when %s is wrong', async (_what, entry, code) => {
  const { judge } = world();
  expect(await judge(rawBackup([...FILLING.slice(0, 7), entry, ...FILLING.slice(7)]))).toBe(code);
});

test('restores with several threads what was saved, and nothing at all of what is wrong', async () => {
  const { root, release, write, create, backups, environment, seal } = world();
  for (const { name, content } of FILLING) write(`releases/v1.0.0-d-1/deep/er/${name}`, content ?? '');
  for (let index = 0; index < 300; index += 1)
    write(`releases/v1.0.0-d-1/f${index % 7}/f${index}`, TEXT.slice(index), 0o600 + (index % 64));
  const { file } = await create();
  const restored = await backups.restore({ environment, file, id: 'r-1', data: false, signal: SIGNAL });
  const { '.dhash-restored.json': marker, ...tree } = treeOf(restored.release);
  expect(marker).toBeDefined();
  expect(tree).toEqual(treeOf(release));

  seal(rawBackup([...FILLING, { name: 'release/last', content: TEXT, claim: { crc: 7 } }]), FILE.replace('120000', '120001'));
  const wrong = { environment, file: FILE.replace('120000', '120001'), id: 'r-2', data: false, signal: SIGNAL };
  expect(await codeOf(backups.restore(wrong))).toBe('backup-broken');
  expect(readdirSync(join(root, 'releases')).toSorted()).toEqual(['v1.0.0-d-1', 'v1.0.0-r-1']);
  expect(readFileSync(join(root, 'releases/v1.0.0-r-1/f0/f0'), 'utf8')).toBe(TEXT);
});
