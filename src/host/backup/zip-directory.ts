// Reads the central directory, and takes nothing that our own writer would not have written, byte for byte.

import { readSync } from 'node:fs';
import { broken } from './broken.ts';
import { MAX_ENTRIES, MAX_PATH_BYTES } from './limits.ts';
import {
  CENTRAL_BYTES,
  centralRecord,
  dataDescriptor,
  END_BYTES,
  endRecords,
  LIMIT_32,
  localBytes,
  WIDE_END_BYTES,
  type ZipEntry,
} from './zip-format.ts';

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the directory begins: everything before it is entries, one after the other. */
  readonly offset: number;
  /** The directory and the records after it, as they were read. */
  readonly bytes: Buffer;
}

/** Throws `broken` for anything that is cut off, padded, overlapping, encrypted, commented or otherwise not ours. */
export function readDirectory(fd: number, size: number): ZipDirectory {
  const { count, bytes, offset, tail } = readEnd(fd, size);
  if (count > MAX_ENTRIES) throw broken('too-many-entries', `It holds ${count} entries; at most ${MAX_ENTRIES} are taken.`);
  // Checked before it is read into memory: the directory of the largest backup we take is far below this.
  if (bytes > count * (CENTRAL_BYTES + MAX_PATH_BYTES + 28) || bytes < count * CENTRAL_BYTES) {
    throw broken('zip-structure', `The directory takes ${bytes} bytes for ${count} entries.`);
  }
  if (offset + bytes + tail.length !== size)
    throw broken('zip-structure', 'The zip has bytes before, between or after its parts, or lacks some.');
  const directory = readAt(fd, offset, bytes);
  const entries = parseEntries(directory, count);
  refuseGaps(entries, offset);
  return { entries, offset, bytes: Buffer.concat([directory, tail]) };
}

/** Exactly `length` bytes from `at`, or `broken`. */
export function readAt(fd: number, at: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  readInto(fd, buffer, at);
  return buffer;
}

/** Fills the buffer with what lies at `at`, or throws `broken`. */
export function readInto(fd: number, buffer: Buffer, at: number): void {
  for (let held = 0; held < buffer.length; ) {
    const read = readSync(fd, buffer, held, buffer.length - held, at + held);
    if (read === 0) throw broken('truncated', `The zip ends at byte ${at + held}; more was expected.`);
    held += read;
  }
}

/** Bytes that an entry takes in the file: header, data and what follows the data. */
export function extentOf(entry: ZipEntry): number {
  return localBytes(entry) + entry.compressed + dataDescriptor(entry).length;
}

function readEnd(fd: number, size: number): { count: number; bytes: number; offset: number; tail: Buffer } {
  if (size < END_BYTES) throw broken('truncated', `It has ${size} bytes; an empty zip has ${END_BYTES}.`);
  const end = readAt(fd, size - END_BYTES, END_BYTES);
  if (end.readUInt32LE(0) !== 0x06054b50) throw broken('zip-structure', 'It does not end as a zip does: cut off, or something was added.');
  const narrow = { count: end.readUInt16LE(10), bytes: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
  const isWide = narrow.count === 0xffff || narrow.bytes === LIMIT_32 || narrow.offset === LIMIT_32;
  const found = isWide ? readWideEnd(fd, size) : narrow;
  const tail = endRecords({ entries: found.count, bytes: found.bytes, offset: found.offset });
  if (tail.length <= size && readAt(fd, size - tail.length, tail.length).equals(tail)) return { ...found, tail };
  throw broken('zip-structure', 'The records at its end contradict each other.');
}

function readWideEnd(fd: number, size: number): { count: number; bytes: number; offset: number } {
  if (size < END_BYTES + WIDE_END_BYTES) throw broken('truncated', 'It is too short for the 64-bit records it announces.');
  const wide = readAt(fd, size - END_BYTES - WIDE_END_BYTES, WIDE_END_BYTES);
  const [count, bytes, offset] = [readWide(wide, 32), readWide(wide, 40), readWide(wide, 48)];
  return { count, bytes, offset };
}

function parseEntries(bytes: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const { entry, length } = parseEntry(bytes, at, index);
    entries.push(entry);
    at += length;
  }
  if (at !== bytes.length) throw broken('zip-structure', `The directory goes on after its ${count} entries.`);
  return entries;
}

function parseEntry(bytes: Buffer, at: number, index: number): { readonly entry: ZipEntry; readonly length: number } {
  if (at + CENTRAL_BYTES > bytes.length) throw broken('zip-structure', `The directory ends inside entry ${index}.`);
  const flags = bytes.readUInt16LE(at + 8);
  if ((flags & 1) !== 0) throw broken('encrypted', `Entry ${index} is encrypted.`);
  const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
  const length = CENTRAL_BYTES + nameLength + extraLength;
  if (at + length > bytes.length) throw broken('zip-structure', `The directory ends inside entry ${index}.`);
  const rawName = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength);
  const name = rawName.toString('utf8');
  const method = bytes.readUInt16LE(at + 10);
  if (method !== 0 && method !== 8)
    throw broken('zip-structure', `Entry ${index} is compressed by method ${method}, which backups never use.`);
  const entry: ZipEntry = {
    ...{ name, method, streamed: (flags & 8) !== 0, crc: bytes.readUInt32LE(at + 16), time: bytes.readUInt32LE(at + 12) },
    ...{ mode: bytes.readUInt32LE(at + 38) >>> 16, ...parseNumbers(bytes.subarray(at, at + length), nameLength) },
  };
  if (centralRecord(entry).equals(bytes.subarray(at, at + length))) return { entry, length };
  if (!Buffer.from(name).equals(rawName)) throw broken('bad-name', `The name of entry ${index} is not valid UTF-8.`);
  throw broken('zip-structure', `The directory record of ${JSON.stringify(name)} is not one that backups have.`);
}

function parseNumbers(record: Buffer, nameLength: number): Pick<ZipEntry, 'wide' | 'compressed' | 'size' | 'offset'> {
  const [compressed, size, offset] = [record.readUInt32LE(20), record.readUInt32LE(24), record.readUInt32LE(42)];
  const wide = size === LIMIT_32;
  const numbers: number[] = [];
  for (let at = CENTRAL_BYTES + nameLength + 4; at + 8 <= record.length; at += 8) numbers.push(readWide(record, at));
  const next = () => numbers.shift() ?? 0;
  if (!wide) return { wide, compressed, size, offset: offset === LIMIT_32 ? next() : offset };
  const [wideSize, wideCompressed] = [next(), next()];
  return { wide, size: wideSize, compressed: wideCompressed, offset: offset === LIMIT_32 ? next() : offset };
}

// Entries lie one after the other from byte 0 to the directory: so none overlap, and nothing hides between them.
function refuseGaps(entries: readonly ZipEntry[], end: number): void {
  let at = 0;
  for (const entry of entries) {
    if (entry.wide && !entry.streamed) throw broken('zip-structure', `${JSON.stringify(entry.name)} has a form that backups never have.`);
    if (entry.offset !== at)
      throw broken('zip-overlap', `${JSON.stringify(entry.name)} begins at byte ${entry.offset}; ${at} was expected.`);
    at += extentOf(entry);
  }
  if (at !== end) throw broken('zip-overlap', `The entries end at byte ${at}, the directory begins at ${end}.`);
}

function readWide(bytes: Buffer, at: number): number {
  const number = bytes.readBigUInt64LE(at);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('zip-structure', `A size of ${number} bytes is announced.`);
  return Number(number);
}
