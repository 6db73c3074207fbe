// The small parts on their own: links, names, numbers beyond 32 bits, order of work.

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { compress } from '../../../src/host/backup/block.ts';
import { createInOrder } from '../../../src/host/backup/in-order.ts';
import { leavesTree } from '../../../src/host/backup/links.ts';
import { backupName, parseBackupName } from '../../../src/host/backup/names.ts';
import { readDirectory } from '../../../src/host/backup/zip-directory.ts';
import { centralRecord, dosTime, endRecords, type ZipEntry } from '../../../src/host/backup/zip-format.ts';
import { NOON } from './world.ts';

const LINKS: readonly (readonly [links: Record<string, string>, leaves: boolean])[] = [
  [{ 'release/a': 'b' }, false],
  [{ 'release/a': './b//c/' }, false],
  [{ 'release/a': 'missing/../b' }, false],
  [{ 'release/d/a': '../b' }, false],
  [{ 'release/a': 'a' }, false],
  [{ 'release/a': 'b', 'release/b': 'a' }, false],
  [{ 'release/a': '' }, false],
  [{ 'release/a': '.' }, false],
  [{ 'release/d/a': '..' }, false],
  [{ 'release/a': '..' }, true],
  [{ 'release/a': '/' }, true],
  [{ 'release/a': '//x' }, true],
  [{ 'release/a': 'b/../..' }, true],
  [{ 'release/d/a': '../../release/b' }, true],
  [{ 'release/a': 'b\\..' }, true],
  [{ 'release/a': 'b/c', 'release/b': 'd/e', 'release/d/e': '../..' }, true],
  [{ 'release/a': 'b/x', 'release/b': '/etc' }, true],
  [{ 'shared/data/a': '../.env' }, false],
  [{ 'shared/data/a': '../../VERSION' }, true],
];

test.each(LINKS)('knows whether the first of %j leaves its tree: %s', (links, leaves) => {
  expect(leavesTree(Object.keys(links)[0] ?? '', new Map(Object.entries(links)))).toBe(leaves);
});

test('names backups so that they sort by age, and takes only such names', () => {
  expect(backupName(NOON, 'v2.1.0')).toBe('dhash_20261123_120000_v2.1.0.zip');
  expect(parseBackupName('dhash_20261123_120000_v2.1.0-rc.1.zip')).toEqual({ stamp: '20261123_120000', tag: 'v2.1.0-rc.1' });
  expect(backupName(NOON, 'v9.0.0') < backupName(NOON + 1_000, 'v10.0.0')).toBe(true);
  expect(() => backupName(NOON, '../x')).toThrow(/file name/);
  expect(() => backupName(NOON, 'v1..2')).toThrow(/file name/);
});

test('compresses blocks that join to one stream, and no block beyond the ratio that reading takes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 6_000 }),
          fc.nat(70_000).map((length) => new Uint8Array(length)),
        ),
        { minLength: 1, maxLength: 5 },
      ),
      async (parts) => {
        const blocks = parts.map((part) => Buffer.from(part));
        const packed: Buffer[] = [];
        for (const [index, data] of blocks.entries()) {
          const before = index === 0 ? null : (blocks[index - 1] ?? null);
          const pieces = await compress({ data, before, last: index === blocks.length - 1 });
          packed.push(...pieces);
          expect(data.length).toBeLessThanOrEqual(20 * Buffer.concat(pieces).length);
        }
        expect(zlib.inflateRawSync(Buffer.concat(packed)).equals(Buffer.concat(blocks))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('reads back a directory whose numbers need 64 bits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dhash-wide-'));
  const fd = openSync(join(folder, 'wide.zip'), 'wx+');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const common = { method: 8 as const, streamed: true, crc: 7, mode: 0o100644, time: dosTime(NOON) };
  const first: ZipEntry = { ...common, name: 'release/five-gigabytes', wide: true, compressed: 5e9, size: 6e9, offset: 0 };
  const second: ZipEntry = { ...common, name: 'release/behind', wide: false, compressed: 10, size: 20, offset: 5e9 + 30 + 22 + 20 + 24 };
  const offset = second.offset + 30 + 14 + 10 + 16;
  const directory = Buffer.concat([first, second].map(centralRecord));
  const tail = Buffer.concat([directory, endRecords({ entries: 2, bytes: directory.length, offset })]);
  ftruncateSync(fd, offset);
  writeSync(fd, tail, 0, tail.length, offset);

  expect(readDirectory(fd, offset + tail.length).entries).toEqual([first, second]);
});

test('keeps results in order, holds no more than its bound, and tells the first failure', async () => {
  const queue = createInOrder({ works: 2, bytes: 100 });
  const taken: number[] = [];
  let open = 0;
  const work = async (turns: number, result: number) => {
    open += 1;
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    open -= 1;
    return result;
  };
  for (let index = 0; index < 10; index += 1) {
    await queue.push(work(20 - index, index), 1, (result) => taken.push(result));
    expect(open).toBeLessThanOrEqual(2);
  }
  await queue.drain();
  expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await queue.push(Promise.reject(new Error('first')), 1, () => undefined);
  await expect(queue.drain()).rejects.toThrow('first');
});
