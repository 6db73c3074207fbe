// Writes the zip: reads each file once, hashes what it read, compresses side by side, appends in order.

import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import zlib from 'node:zlib';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { compress, isIncompressible, WINDOW } from './block.ts';
import { type BlockPool, createBlockPool } from './block-pool.ts';
import { createInOrder, type InOrder } from './in-order.ts';
import { BLOCK_BYTES, MANIFEST, MAX_MANIFEST_BYTES } from './limits.ts';
import { type ManifestEntry, type ManifestHead, manifestText, type Skipped } from './manifest.ts';
import { type Found, type Scan, vanished } from './scan.ts';
import { createZipFile, type ZipFile } from './zip-file.ts';
import { centralRecord, dataDescriptor, dosTime, endRecords, LIMIT_32, localHeader, type ZipEntry } from './zip-format.ts';

const TYPE_BITS = { file: 0o100000, dir: 0o040000, link: 0o120000 } as const;
/** What opening says of a file that was there and is none any more. */
const GONE = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR']);
/** Blocks in the pool at once: enough for it to have the next one when it is done with one. */
const SIDE_BY_SIDE = 3;

export interface Packed {
  readonly bytes: number;
  readonly sha256: string;
  readonly files: number;
  readonly skipped: readonly Skipped[];
}

/** Writes everything that was found to a new file at `path`, the manifest last, and syncs it. */
export async function pack(path: string, head: ManifestHead, scan: Scan): Promise<Packed> {
  const packing: Packing = {
    zip: createZipFile(path),
    queue: createInOrder({ works: SIDE_BY_SIDE, bytes: 4 * BLOCK_BYTES }),
    pool: createBlockPool(),
    directory: [],
    entries: [],
    skipped: [...scan.skipped],
  };
  for (const found of scan.found) {
    if (found.kind === 'file') await packFile(packing, found);
    else await packWhole(packing, found, Buffer.from(found.target ?? ''));
  }
  const { entries, skipped } = packing;
  const text = Buffer.from(manifestText({ ...head, shared: scan.shared, skipped, entries }));
  if (text.length > MAX_MANIFEST_BYTES) throw manifestTooLarge(text.length);
  await append(packing, { name: MANIFEST, mode: TYPE_BITS.file | 0o600, mtime: head.createdAt, data: text });
  await packing.queue.drain();
  const offset = packing.zip.position();
  for (const entry of packing.directory) packing.zip.append(centralRecord(entry));
  packing.zip.append(endRecords({ entries: packing.directory.length, bytes: packing.zip.position() - offset, offset }));
  return { ...packing.zip.finish(), files: entries.filter(({ kind }) => kind === 'file').length, skipped };
}

interface Packing {
  readonly zip: ZipFile;
  readonly queue: InOrder;
  readonly pool: BlockPool;
  readonly directory: ZipEntry[];
  readonly entries: ManifestEntry[];
  readonly skipped: Skipped[];
}

async function packFile(packing: Packing, found: Found): Promise<void> {
  const fd = openFile(found.source);
  if (fd === null) return vanished(packing.skipped, found.path);
  try {
    // A file that grows is saved as long as it was when it was opened; one that shrinks as long as it really is.
    const stats = fstatSync(fd);
    if (!stats.isFile()) return vanished(packing.skipped, found.path);
    const facts = { ...found, mode: stats.mode & 0o777, mtime: stats.mtimeMs };
    const source = { fd, size: stats.size };
    const first = readBlock(packing.pool, source, 0);
    const isWhole = first.length < BLOCK_BYTES || stats.size === BLOCK_BYTES;
    const read = isWhole ? await packWhole(packing, facts, first) : await packStream(packing, facts, source, first);
    if (read !== stats.size && found.path.startsWith('release/')) vanished(packing.skipped, found.path);
  } finally {
    closeSync(fd);
  }
}

// Not through a link, and without waiting for the other end of a pipe, whatever took the file's place since it was found.
function openFile(source: string): number | null {
  try {
    return openSync(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (GONE.has(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

async function packWhole(packing: Packing, found: Found, data: Buffer): Promise<number> {
  packing.entries.push({ ...factsOf(found), size: data.length, sha256: hash('sha256', data) });
  await append(packing, { name: nameOf(found), mode: TYPE_BITS[found.kind] | found.mode, mtime: found.mtime, data });
  return data.length;
}

async function append(
  { queue, zip, directory, pool }: Packing,
  entry: { name: string; mode: number; mtime: number; data: Buffer },
): Promise<void> {
  const { name, mode, mtime, data } = entry;
  const isPlain = data.length === 0 || isIncompressible(data);
  const work = isPlain ? Promise.resolve([data]) : compress({ data, before: null, last: true });
  const crc = zlib.crc32(data);
  await queue.push(work, data.length, (packed) => {
    const isStored = isPlain || lengthOf(packed) >= data.length;
    const pieces = isStored ? [data] : packed;
    const record: ZipEntry = {
      ...{ name, mode, crc, streamed: false, wide: false, method: isStored ? 0 : 8, time: dosTime(mtime) },
      ...{ compressed: lengthOf(pieces), size: data.length, offset: zip.position() },
    };
    zip.append(localHeader(record));
    for (const piece of pieces) zip.append(piece);
    directory.push(record);
    pool.giveBack(data);
  });
}

async function packStream(packing: Packing, found: Found, source: OpenedFile, first: Buffer): Promise<number> {
  const { queue, zip, directory, pool } = packing;
  // Decided before the data is known, hence with room for what storing adds to it.
  const wide = source.size >= LIMIT_32 / 2;
  let record: ZipEntry = {
    ...{ name: nameOf(found), mode: TYPE_BITS.file | found.mode, time: dosTime(found.mtime), method: 8, streamed: true, wide },
    ...{ crc: 0, compressed: 0, size: 0, offset: 0 },
  };
  const sha256 = createHash('sha256');
  await queue.push(Promise.resolve(), 0, () => {
    record = { ...record, offset: zip.position() };
    zip.append(localHeader(record));
  });
  let [crc, size] = [0, 0];
  let data = first;
  let before: Buffer | null = null;
  for (let last = false; !last; ) {
    crc = zlib.crc32(data, crc);
    sha256.update(data);
    size += data.length;
    last = size >= source.size || data.length < BLOCK_BYTES;
    const block = data;
    const work = compress({ data, before, last });
    // Before the block's memory goes back to the pool.
    before = Buffer.from(block.subarray(-WINDOW));
    await queue.push(work, data.length, (packed) => {
      record = { ...record, compressed: record.compressed + lengthOf(packed) };
      for (const piece of packed) zip.append(piece);
      pool.giveBack(block);
    });
    if (!last) data = readBlock(pool, source, size);
  }
  await queue.push(Promise.resolve(), 0, () => {
    record = { ...record, crc, size };
    zip.append(dataDescriptor(record));
    directory.push(record);
  });
  packing.entries.push({ ...factsOf(found), size, sha256: sha256.digest('hex') });
  return size;
}

interface OpenedFile {
  readonly fd: number;
  readonly size: number;
}

/** Up to one block, fewer bytes only at the end of the file. */
function readBlock(pool: BlockPool, { fd, size }: OpenedFile, at: number): Buffer {
  const buffer = pool.take(Math.max(0, Math.min(BLOCK_BYTES, size - at)));
  let held = 0;
  while (held < buffer.length) {
    const read = readSync(fd, buffer, held, buffer.length - held, at + held);
    if (read === 0) break;
    held += read;
  }
  return buffer.subarray(0, held);
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function nameOf(found: Found): string {
  return found.kind === 'dir' ? `${found.path}/` : found.path;
}

function factsOf(found: Found): Omit<ManifestEntry, 'size' | 'sha256'> {
  const { path, kind, mode, mtime, uid, gid, target } = found;
  return { path, kind, mode, mtime, uid, gid, target };
}

function manifestTooLarge(bytes: number): BotError {
  return new BotError({
    code: 'too-many-entries',
    message: `The list of what is to be backed up takes ${bytes} bytes, more than ${MAX_MANIFEST_BYTES}.`,
    hint: 'Take caches out of the release and of `shared` in dhash.yml.',
  });
}
