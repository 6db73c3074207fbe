import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { MODES, type RawEntry, rawBackup, rawZip } from '../../support/raw-zip.ts';
import { codeOf, FILE, SIGNAL, world } from './world.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const link = (name: string, target: string): RawEntry => ({ name, content: target, mode: MODES.link });
const TEXT = 'some text that shrinks '.repeat(200);

test('takes the honest zip that all the others here differ from in one thing', async () => {
  const { judge, environment, backups } = world();
  const zip = rawBackup([
    { name: 'release/a', content: 'a' },
    { name: 'release/b', content: TEXT },
    link('release/c', 'b'),
    { name: 'release/d/' },
  ]);

  expect(await judge(zip)).toBe('verified');
  await backups.restore({ environment, file: FILE, id: 'r-1', data: false, signal: SIGNAL });
});

const NAMES: readonly (readonly [name: string | Buffer, code: string])[] = [
  ['release/../../evil', 'bad-name'],
  ['../evil', 'bad-name'],
  ['release/..', 'bad-name'],
  ['release/./a', 'bad-name'],
  ['release//a', 'bad-name'],
  ['/etc/evil', 'bad-name'],
  ['C:/evil', 'bad-name'],
  ['release\\..\\evil', 'bad-name'],
  ['release/a\0b', 'bad-name'],
  ['', 'bad-name'],
  [`release/${'n'.repeat(256)}`, 'bad-name'],
  [Buffer.concat([Buffer.from('release/'), Buffer.from([0xff, 0xfe])]), 'bad-name'],
  ['evil', 'unexpected-entry'],
  ['other/a', 'unexpected-entry'],
  ['release', 'duplicate'],
  ['RELEASE/a', 'unexpected-entry'],
  ['shared/data', 'bad-parent'],
  ['release/missing/a', 'bad-parent'],
];

test.each(NAMES)('refuses an entry named %j', async (name, code) => {
  const { judge } = world();
  expect(await judge(rawBackup([{ name, content: 'x' }]))).toBe(code);
});

const SETS: readonly (readonly [what: string, entries: readonly RawEntry[], code: string])[] = [
  ['an absolute link', [link('release/l', '/etc')], 'link-escape'],
  ['a link that leaves', [link('release/l', '../shared')], 'link-escape'],
  ['a link that leaves by way of another link', [link('release/a', '.'), link('release/b', 'a/../..')], 'link-escape'],
  [
    'a link that leaves by way of a deep one',
    [{ name: 'release/d/' }, link('release/d/up', '..'), link('release/e', 'd/up/..')],
    'link-escape',
  ],
  ['an entry below a link', [link('release/l', 'd'), { name: 'release/l/evil', content: 'x' }], 'bad-parent'],
  [
    'an entry below a file',
    [
      { name: 'release/f', content: 'x' },
      { name: 'release/f/evil', content: 'x' },
    ],
    'bad-parent',
  ],
  ['a file and a link under one name', [link('release/a', 'b'), { name: 'release/a', content: 'x' }], 'duplicate'],
  ['names that differ in case', [{ name: 'release/a' }, { name: 'release/A' }], 'duplicate'],
  ['names that differ in Unicode form', [{ name: 'release/\u00e9' }, { name: 'release/e\u0301' }], 'duplicate'],
  ['names that are one when folded', [{ name: 'release/stra\u00dfe' }, { name: 'release/STRASSE' }], 'duplicate'],
  ['a device', [{ name: 'release/sda', mode: MODES.device }], 'bad-kind'],
  ['a pipe', [{ name: 'release/pipe', mode: MODES.fifo }], 'bad-kind'],
  ['no type at all', [{ name: 'release/a', mode: 0o644 }], 'bad-kind'],
  ['a set-user-id program', [{ name: 'release/su', mode: 0o104755 }], 'bad-kind'],
  ['a folder named as a file', [{ name: 'release/a', mode: MODES.dir }], 'bad-kind'],
  ['a file named as a folder', [{ name: 'release/a/', mode: MODES.file }], 'bad-kind'],
  ['a folder with content', [{ name: 'release/a/', content: 'x' }], 'bad-kind'],
  ['an encrypted entry', [{ name: 'release/a', content: 'x', claim: { flags: 0x0801 } }], 'encrypted'],
  ['an unknown method', [{ name: 'release/a', content: 'x', claim: { method: 93 } }], 'zip-structure'],
  ['unknown flags', [{ name: 'release/a', content: 'x', claim: { flags: 0x0802 } }], 'zip-structure'],
  ['another name in the directory', [{ name: 'release/a', content: 'x', central: { name: 'release/b' } }], 'entry-not-in-manifest'],
  ['another size in the directory', [{ name: 'release/a', content: 'x', central: { size: 2 } }], 'manifest-mismatch'],
  ['another CRC in the directory', [{ name: 'release/a', content: 'x', central: { crc: 7 } }], 'header-mismatch'],
  ['another method in the directory', [{ name: 'release/a', content: TEXT, central: { method: 0 } }], 'header-mismatch'],
  ['a wrong CRC in both headers', [{ name: 'release/a', content: 'x', claim: { crc: 7 } }], 'entry-crc'],
  ['content that is no deflate stream', [{ name: 'release/a', content: TEXT, packed: Buffer.alloc(60, 7) }], 'entry-data'],
  ['content that ends too early', [{ name: 'release/a', content: TEXT, packed: zlib.deflateRawSync(TEXT).subarray(0, -4) }], 'entry-data'],
  [
    'bytes after the content',
    [{ name: 'release/a', content: TEXT, packed: Buffer.concat([zlib.deflateRawSync(TEXT), Buffer.alloc(9)]) }],
    'entry-data',
  ],
  ['longer content than announced', [{ name: 'release/a', content: TEXT, packed: zlib.deflateRawSync(`${TEXT}more`) }], 'entry-size'],
  ['shorter content than announced', [{ name: 'release/a', content: TEXT, packed: zlib.deflateRawSync(TEXT.slice(1)) }], 'entry-size'],
  [
    'other content of the same size',
    [{ name: 'release/a', content: TEXT, packed: zlib.deflateRawSync(TEXT.replace('some', 'evil')) }],
    'entry-crc',
  ],
  [
    'an entry that begins inside another',
    [
      { name: 'release/a', content: 'x' },
      { name: 'release/b', content: 'x', central: { offset: 38 } },
    ],
    'zip-overlap',
  ],
  ['an offset beyond the end', [{ name: 'release/a', content: 'x', central: { offset: 99_999 } }], 'zip-overlap'],
  ['a size beyond the end', [{ name: 'release/a', content: 'x', claim: { compressed: 99_999, size: 1 } }], 'zip-overlap'],
];

test.each(SETS)('refuses a zip with %s', async (_what, entries, code) => {
  expect(await world().judge(rawBackup(entries))).toBe(code);
});

// The kinds that would do harm if they were unpacked: refused on the way as well, with nothing left of them.
test.each([...SETS.slice(0, 8), ...SETS.slice(-8)])('unpacks nothing of a zip with %s', async (_what, entries) => {
  const { seal, environment, backups, root } = world();
  seal(rawBackup(entries));
  expect(await codeOf(backups.restore({ environment, file: FILE, id: 'r-1', data: true, signal: SIGNAL }))).toBe('backup-broken');
  expect(readdirSync(root).sort()).toEqual(['backups', 'releases', 'shared']);
  expect(readdirSync(join(root, 'releases'))).toEqual(['v1.0.0-d-1']);
});

const streamed = (content: Buffer, packed: Buffer): RawEntry => ({ name: 'release/large', content, packed });
const noisy = Buffer.concat(Array.from({ length: 40_000 }, (_, index) => createHash('sha256').update(String(index)).digest()));

const STREAMS: readonly (readonly [what: string, entry: RawEntry, code: string])[] = [
  ['nothing wrong', streamed(noisy, zlib.deflateRawSync(noisy)), 'verified'],
  ['no compression', { name: 'release/large', content: noisy, store: true }, 'verified'],
  ['bytes after the content', streamed(noisy, Buffer.concat([zlib.deflateRawSync(noisy), Buffer.alloc(70_000, 1)])), 'entry-data'],
  ['a cut-off content', streamed(noisy, zlib.deflateRawSync(noisy).subarray(0, -9)), 'entry-data'],
  ['longer content than announced', streamed(noisy, zlib.deflateRawSync(Buffer.concat([noisy, noisy]))), 'entry-size'],
  ['shorter content than announced', streamed(noisy, zlib.deflateRawSync(noisy.subarray(1))), 'entry-size'],
  ['content that is no deflate stream', streamed(noisy, Buffer.alloc(noisy.length, 7)), 'entry-data'],
  ['content that grows too much', streamed(Buffer.alloc(3_000_000), zlib.deflateRawSync(Buffer.alloc(3_000_000))), 'bomb'],
];

test.each(STREAMS)('judges an entry of many blocks with %s', async (_what, entry, code) => {
  expect(await world().judge(rawBackup([entry]))).toBe(code);
});

test('refuses bytes before, between and after the parts, a comment, and a wrong count', async () => {
  const { judge } = world();
  const entries: RawEntry[] = [{ name: 'release/a', content: 'x' }];
  const same = <T>(value: T) => value;

  expect(await judge(rawBackup(entries, same, { before: Buffer.from('#!/bin/sh\n') }))).toBe('zip-overlap');
  expect(await judge(rawBackup(entries, same, { between: Buffer.alloc(5) }))).toBe('zip-overlap');
  expect(await judge(rawBackup(entries, same, { after: Buffer.alloc(5) }))).toBe('zip-structure');
  expect(await judge(rawBackup(entries, same, { comment: 'hello' }))).toBe('zip-structure');
  expect(await judge(rawBackup(entries, same, { count: 2 }))).toBe('zip-structure');
  expect(await judge(rawBackup(entries, same, { count: 4 }))).toBe('zip-structure');
  expect(await judge(rawBackup(entries, same, { count: 0xffff }))).toBe('zip-structure');
  expect(await judge(rawZip([]))).toBe('manifest-missing');
  expect(await judge(Buffer.alloc(0))).toBe('truncated');
});

test('refuses a manifest that does not fit the zip', async () => {
  const { judge } = world();
  const entries: RawEntry[] = [{ name: 'release/a', content: 'x' }, link('release/l', 'a')];
  const changed = (path: string, change: Record<string, unknown>) =>
    judge(
      rawBackup(entries, (manifest) => ({
        ...manifest,
        entries: manifest.entries.map((entry) => (entry['path'] === path ? { ...entry, ...change } : entry)),
      })),
    );

  expect(await judge(rawZip([{ name: 'release/' }, ...entries]))).toBe('manifest-missing');
  expect(await judge(rawBackup(entries, (manifest) => ({ ...manifest, entries: manifest.entries.slice(1) })))).toBe(
    'entry-not-in-manifest',
  );
  expect(
    await judge(
      rawBackup(entries, (manifest) => ({ ...manifest, entries: [...manifest.entries, { ...manifest.entries[1], path: 'release/z' }] })),
    ),
  ).toBe('entry-missing');
  expect(await judge(rawBackup(entries, (manifest) => ({ ...manifest, entries: [...manifest.entries, manifest.entries[1]] })))).toBe(
    'manifest-form',
  );
  expect(await judge(rawBackup(entries, (manifest) => ({ ...manifest, entries: manifest.entries.toReversed() })))).toBe(
    'manifest-mismatch',
  );
  expect(await judge(rawBackup(entries, (manifest) => ({ ...manifest, schema: 2 })))).toBe('manifest-form');
  expect(await judge(rawBackup(entries, (manifest) => ({ ...manifest, tag: 1 })))).toBe('manifest-form');
  expect(await judge(rawBackup(entries, () => 'text'))).toBe('manifest-form');
  expect(await judge(rawZip([{ name: 'release/' }, { name: 'manifest.json', content: '{' }]))).toBe('manifest-form');
  expect(await changed('release/a', { sha256: sha256('y') })).toBe('entry-hash');
  expect(await changed('release/a', { size: 2 })).toBe('manifest-mismatch');
  expect(await changed('release/a', { mode: 0o600 })).toBe('manifest-mismatch');
  expect(await changed('release/a', { mode: 0o4644 })).toBe('manifest-form');
  expect(await changed('release/a', { kind: 'link', target: 'x' })).toBe('manifest-mismatch');
  expect(await changed('release/a', { sha256: 'none' })).toBe('manifest-form');
  expect(await changed('release/l', { target: '../../..' })).toBe('link-escape');
  expect(await changed('release/l', { target: 'b' })).toBe('manifest-mismatch');
  expect(await changed('release/l', { target: null })).toBe('manifest-form');
});

test('refuses bombs of every build before or while they unfold', async () => {
  const { judge } = world();
  const zeros = Buffer.alloc(20_000_000);
  const packed = zlib.deflateRawSync(zeros);
  const started = process.resourceUsage().maxRSS;

  expect(await judge(rawBackup([{ name: 'release/a', content: zeros }]))).toBe('bomb');
  expect(await judge(rawBackup([{ name: 'release/a', content: TEXT, packed }]))).toBe('entry-size');
  expect(await judge(rawBackup([{ name: 'release/a', content: noisy, packed: zlib.deflateRawSync(Buffer.concat([noisy, zeros])) }]))).toBe(
    'entry-size',
  );
  expect(await judge(rawBackup([{ name: 'release/a', content: 'x', claim: { size: 0xfffffffe } }]))).toBe('bomb');
  const overlapping = Array.from(
    { length: 50 },
    (_, index): RawEntry => ({ name: `release/${index}`, content: TEXT, central: { offset: 38 } }),
  );
  expect(await judge(rawBackup(overlapping))).toBe('zip-overlap');
  // Each below 200 times, all together above 20 times.
  const rows = Array.from(
    { length: 40 },
    (_, index): RawEntry => ({ name: `release/${index}`, content: Buffer.alloc(30_000, `row ${index % 7}, `) }),
  );
  expect(await judge(rawBackup(rows))).toBe('bomb');
  expect(await judge(millionEntries())).toBe('too-many-entries');
  expect(process.resourceUsage().maxRSS - started).toBeLessThan(100_000);
});

// 64-bit end records that announce a million entries over a directory that is not even there.
function millionEntries(): Buffer {
  const wide = Buffer.alloc(76);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(0x033f, 12);
  wide.writeUInt16LE(45, 14);
  for (const at of [24, 32]) wide.writeBigUInt64LE(1_000_000n, at);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeUInt32LE(1, 72);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(0xffffffff, 8);
  return Buffer.concat([wide, end]);
}
