// Reads every entry of an opened backup once, in the order of the file: header, content, CRC, hash. The whole file's hash comes of the same bytes.

import { createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { errnoOf } from '../errno.ts';
import type { Archive, ArchiveItem } from './archive.ts';
import { broken } from './broken.ts';
import { type FrontToBack, readFrontToBack } from './front-to-back.ts';
import { createInOrder, type InOrder } from './in-order.ts';
import { BLOCK_BYTES, PIECE_BYTES } from './limits.ts';
import type { ManifestEntry } from './manifest.ts';
import { extentOf } from './zip-directory.ts';
import { dataDescriptor, localHeader } from './zip-format.ts';

/** Where contents go, one entry after the other. A content is proved only once `end` was called. */
export interface Sink {
  /** False: the entry's content is hashed as part of the file, but neither unpacked nor looked at. */
  readonly wants: (entry: ManifestEntry) => boolean;
  readonly begin: (entry: ManifestEntry) => void;
  readonly write: (content: Buffer) => void;
  readonly end: (entry: ManifestEntry) => void;
}

const SIDE_BY_SIDE = 3;
const SMALL = 8 * 1024;

/** Answers the sha256 of the whole file. Throws `broken` at the first entry that is not what manifest and directory say. */
export async function readThrough(archive: Archive, sink: Sink): Promise<string> {
  const reader = readFrontToBack(archive.fd, archive.size - archive.rest.length);
  const queue = createInOrder({ works: SIDE_BY_SIDE, bytes: 4 * BLOCK_BYTES });
  for (const item of archive.items) {
    if (!sink.wants(item.entry)) reader.pass(extentOf(item.zip));
    else await readItem(reader, item, queue, sink);
  }
  await queue.drain();
  return reader.digest(archive.rest);
}

async function readItem(reader: FrontToBack, item: ArchiveItem, queue: InOrder, sink: Sink): Promise<void> {
  const { zip } = item;
  refuseOther(reader.take(localHeader(zip).length), localHeader(zip), zip.name);
  if (zip.size > BLOCK_BYTES || zip.compressed > BLOCK_BYTES + BLOCK_BYTES / 8) {
    await queue.drain();
    await readStream(reader, item, sink);
  } else {
    const packed = reader.take(zip.compressed);
    const content = zip.method === 0 ? Promise.resolve(packed) : inflateWhole(packed, item);
    await queue.push(content, zip.size, (data) => {
      refuseWrong(item, { size: data.length, crc: zlib.crc32(data), sha256: hash('sha256', data) });
      sink.begin(item.entry);
      sink.write(data);
      sink.end(item.entry);
    });
  }
  refuseOther(reader.take(dataDescriptor(zip).length), dataDescriptor(zip), zip.name);
}

function refuseOther(found: Buffer, expected: Buffer, name: string): void {
  if (!found.equals(expected)) throw broken('header-mismatch', `The two headers of ${JSON.stringify(name)} differ.`);
}

interface Inflated {
  readonly buffer: Buffer;
  /** How much of the input belonged to the content. */
  readonly used: number;
}

async function inflateWhole(packed: Buffer, { zip, entry }: ArchiveItem): Promise<Buffer> {
  // Room for one byte more than announced, so that a longer content shows, and for zlib to see its end in one go.
  const options: zlib.ZlibOptions = { maxOutputLength: zip.size + 1, chunkSize: Math.max(64, zip.size + 1), info: true };
  try {
    const { buffer, used } = zip.size <= SMALL ? inflated(zlib.inflateRawSync(packed, options)) : await inflateAside(packed, options);
    if (used === packed.length) return buffer;
  } catch (error) {
    throw undecodable(entry, error);
  }
  throw followed(entry);
}

function inflateAside(packed: Buffer, options: zlib.ZlibOptions): Promise<Inflated> {
  return new Promise((resolve, reject) => {
    zlib.inflateRaw(packed, options, (error, result) => (error === null ? resolve(inflated(result)) : reject(error)));
  });
}

// What `info: true` makes of the result is missing from the types.
function inflated(result: unknown): Inflated {
  const { buffer, engine } = result as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  return { buffer, used: engine.bytesWritten };
}

async function readStream(reader: FrontToBack, item: ArchiveItem, sink: Sink): Promise<void> {
  const { zip, entry } = item;
  const sha256 = createHash('sha256');
  let size = 0;
  let crc = 0;
  sink.begin(entry);
  const take = (data: Buffer) => {
    size += data.length;
    if (size > zip.size) throw tooLong(entry);
    crc = zlib.crc32(data, crc);
    sha256.update(data);
    sink.write(data);
  };
  if (zip.method === 0) for (const piece of pieces(reader, zip.compressed)) take(piece);
  else await inflateStream(pieces(reader, zip.compressed), item, take);
  refuseWrong(item, { size, crc, sha256: sha256.digest('hex') });
  sink.end(entry);
}

function* pieces(reader: FrontToBack, length: number): Generator<Buffer> {
  for (let left = length; left > 0; ) {
    const piece = reader.some(left);
    left -= piece.length;
    yield piece;
  }
}

async function inflateStream(packed: Iterable<Buffer>, { zip, entry }: ArchiveItem, take: (data: Buffer) => void): Promise<void> {
  const inflate = zlib.createInflateRaw({ chunkSize: PIECE_BYTES });
  try {
    await pipeline(Readable.from(packed, { highWaterMark: 1 }), inflate, async (contents: AsyncIterable<Buffer>) => {
      for await (const content of contents) take(content);
    });
  } catch (error) {
    // Ours and the disk's errors pass as they are; zlib's are told as what they say about the file. It may end before its input does.
    if (errnoOf(error) === 'ERR_STREAM_PREMATURE_CLOSE') throw followed(entry);
    throw errnoOf(error)?.startsWith('Z_') ? undecodable(entry, error) : error;
  }
  if (inflate.bytesWritten !== zip.compressed) {
    throw followed(entry);
  }
}

function undecodable(entry: ManifestEntry, error: unknown): Error {
  const code = errnoOf(error) ?? 'unknown';
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLong(entry);
  return broken('entry-data', `The content of ${JSON.stringify(entry.path)} cannot be unpacked (${code}).`);
}

function followed(entry: ManifestEntry): Error {
  return broken('entry-data', `The content of ${JSON.stringify(entry.path)} is followed by bytes that belong to nothing.`);
}

function tooLong(entry: ManifestEntry): Error {
  return broken('entry-size', `${JSON.stringify(entry.path)} is longer than the ${entry.size} bytes announced.`);
}

function refuseWrong({ zip, entry }: ArchiveItem, found: { readonly size: number; readonly crc: number; readonly sha256: string }): void {
  const name = JSON.stringify(entry.path);
  if (found.size !== zip.size) throw broken('entry-size', `${name} has ${found.size} bytes, ${zip.size} were announced.`);
  if (found.crc !== zip.crc) throw broken('entry-crc', `The content of ${name} does not fit its CRC.`);
  if (found.sha256 !== entry.sha256) throw broken('entry-hash', `The content of ${name} does not fit its hash in the manifest.`);
}
