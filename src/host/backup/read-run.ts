// Reads a run of entries: header, content, CRC, hash.

import { createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { errnoOf } from '../errno.ts';
import type { ArchiveItem } from './archive.ts';
import { broken } from './broken.ts';
import { PIECE_BYTES, RUN_BYTES } from './limits.ts';
import type { ManifestEntry } from './manifest.ts';
import type { Sink } from './places.ts';
import { isLarge, type Run } from './runs.ts';
import { extentOf, readAt, readInto } from './zip-directory.ts';
import { dataDescriptor, localHeader } from './zip-format.ts';

/** Throws `broken` at the first entry that is not what manifest and directory say. `fd` is read only by position. */
export type RunReader = (run: Run) => Promise<void>;

export function createRunReader(fd: number, sink: Sink): RunReader {
  // Used again for each run: what is left to the garbage collector costs more than all of the checks.
  const room = Buffer.allocUnsafeSlow(RUN_BYTES);
  return async (run) => {
    const [first] = run;
    if (first === undefined) return;
    if (isLarge(first)) return readLarge(fd, first, sink);
    const begin = first.zip.offset;
    const { zip: last } = run.at(-1) ?? first;
    const raw = room.subarray(0, last.offset + extentOf(last) - begin);
    readInto(fd, raw, begin);
    for (const item of run) readSmall(raw.subarray(item.zip.offset - begin), item, sink);
  };
}

/** `raw` begins with the entry. */
function readSmall(raw: Buffer, item: ArchiveItem, sink: Sink): void {
  const { zip, entry } = item;
  const header = localHeader(zip);
  const end = header.length + zip.compressed;
  const descriptor = dataDescriptor(zip);
  refuseOther(raw.subarray(0, header.length), header, zip.name);
  refuseOther(raw.subarray(end, end + descriptor.length), descriptor, zip.name);
  const packed = raw.subarray(header.length, end);
  const data = zip.method === 0 ? packed : inflate(packed, item);
  refuseWrong(item, { size: data.length, crc: zlib.crc32(data), sha256: hash('sha256', data) });
  sink.begin(entry);
  sink.write(data);
  sink.end(entry);
}

function refuseOther(found: Buffer, expected: Buffer, name: string): void {
  if (!found.equals(expected)) throw broken('header-mismatch', `The two headers of ${JSON.stringify(name)} differ.`);
}

function inflate(packed: Buffer, { zip, entry }: ArchiveItem): Buffer {
  // Room for one byte more than announced, so that a longer content shows, and for zlib to see its end in one go.
  const options: zlib.ZlibOptions = { maxOutputLength: zip.size + 1, chunkSize: Math.max(64, zip.size + 1), info: true };
  try {
    // What `info: true` makes of the result is missing from the types.
    const result: unknown = zlib.inflateRawSync(packed, options);
    const { buffer, engine } = result as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    if (engine.bytesWritten === packed.length) return buffer;
  } catch (error) {
    throw undecodable(entry, error);
  }
  throw followed(entry);
}

async function readLarge(fd: number, item: ArchiveItem, sink: Sink): Promise<void> {
  const { zip, entry } = item;
  const header = localHeader(zip);
  const descriptor = dataDescriptor(zip);
  const from = zip.offset + header.length;
  refuseOther(readAt(fd, zip.offset, header.length), header, zip.name);
  refuseOther(readAt(fd, from + zip.compressed, descriptor.length), descriptor, zip.name);
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
  const packed = piecesOf({ fd, from, length: zip.compressed });
  if (zip.method === 0) for (const piece of packed) take(piece);
  else await inflateStream(packed, item, take);
  refuseWrong(item, { size, crc, sha256: sha256.digest('hex') });
  sink.end(entry);
}

/** A part of the file. */
interface Span {
  readonly fd: number;
  readonly from: number;
  readonly length: number;
}

function* piecesOf({ fd, from, length }: Span): Generator<Buffer> {
  for (let done = 0; done < length; done += PIECE_BYTES) yield readAt(fd, from + done, Math.min(PIECE_BYTES, length - done));
}

async function inflateStream(packed: Iterable<Buffer>, { zip, entry }: ArchiveItem, take: (data: Buffer) => void): Promise<void> {
  const inflated = zlib.createInflateRaw({ chunkSize: PIECE_BYTES });
  try {
    await pipeline(Readable.from(packed, { highWaterMark: 1 }), inflated, async (contents: AsyncIterable<Buffer>) => {
      for await (const content of contents) take(content);
    });
  } catch (error) {
    // Ours and the disk's errors pass as they are; zlib's are told as what they say about the file. It may end before its input does.
    if (errnoOf(error) === 'ERR_STREAM_PREMATURE_CLOSE') throw followed(entry);
    throw errnoOf(error)?.startsWith('Z_') ? undecodable(entry, error) : error;
  }
  if (inflated.bytesWritten !== zip.compressed) throw followed(entry);
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
