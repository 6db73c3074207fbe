// Unpacks a zip that nobody vouches for: everything is looked at first, then written, each file checked against its CRC.

import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { badArchive, badName, createTally, limitsFor } from './archive-limits.ts';

interface Extract {
  readonly file: string;
  /** An empty folder. */
  readonly into: string;
  /** How the archive is called in messages. */
  readonly name: string;
  readonly signal: AbortSignal;
}

const LARGEST_RATIO = 200;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/** BotError `bad-archive` for one that is broken, hostile or holds anything but files and folders (links need a .tar.gz). */
export async function extractZip(extract: Extract): Promise<void> {
  const { file, into, name, signal } = extract;
  // Only where releases are zips: an idle bot does not carry it.
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file, { autoClose: false, strictFileNames: true }).catch((error: unknown) => {
    throw told(error, extract);
  });
  try {
    const entries = await readEntries(zip, extract);
    await assertApart(zip, entries, name);
    for (const entry of entries) {
      if (signal.aborted) throw canceled(name);
      await writeEntry(zip, entry, join(into, entry.fileName), extract);
    }
  } catch (error) {
    throw told(error, extract);
  } finally {
    zip.close();
  }
}

async function readEntries(zip: ZipFile, { file, into, name }: Extract): Promise<readonly Entry[]> {
  const limits = await limitsFor(file, into);
  if (zip.entryCount > limits.entries) throw badArchive(name, `more than ${limits.entries} entries`);
  const tally = createTally(name, limits);
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    const why = badName(entry.fileName) ?? badEntry(entry);
    if (why !== null) throw badArchive(name, `"${entry.fileName.slice(0, 200)}" is ${why}`);
    tally.add(entry.fileName, entry.uncompressedSize);
    entries.push(entry);
  }
  return entries;
}

function badEntry(entry: Entry): string | null {
  const type = modeOf(entry) & FILE_TYPE;
  if (entry.isEncrypted()) return 'encrypted';
  if (type !== 0 && type !== REGULAR && type !== FOLDER) return 'neither a file nor a folder';
  if (entry.fileName.endsWith('/') && entry.uncompressedSize > 0) return 'a folder with content';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) return `packed by an unknown method (${entry.compressionMethod})`;
  if (entry.uncompressedSize > LARGEST_RATIO * Math.max(1, entry.compressedSize)) return `packed more than ${LARGEST_RATIO} times`;
  return null;
}

/** Each entry's own header must tell the same as the directory, and no two entries may share bytes. */
async function assertApart(zip: ZipFile, entries: readonly Entry[], name: string): Promise<void> {
  const inOrder = [...entries].sort((one, other) => one.relativeOffsetOfLocalHeader - other.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of inOrder) {
    const local = await zip.readLocalFileHeaderPromise(entry);
    const agrees = local.fileName.equals(entry.fileNameRaw) && local.compressionMethod === entry.compressionMethod;
    if (!agrees) throw badArchive(name, `"${entry.fileName}" is told in two ways`);
    if (entry.relativeOffsetOfLocalHeader < end) throw badArchive(name, `"${entry.fileName}" shares its bytes with another entry`);
    end = local.fileDataStart + entry.compressedSize;
  }
}

async function writeEntry(zip: ZipFile, entry: Entry, path: string, { name, signal }: Extract): Promise<void> {
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  let crc = 0;
  const counting = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
  });
  const mode = (modeOf(entry) & 0o111) === 0 ? 0o644 : 0o755;
  await pipeline(await zip.openReadStreamPromise(entry), counting, createWriteStream(path, { flags: 'wx', mode }), { signal });
  if (crc !== entry.crc32) throw badArchive(name, `"${entry.fileName}" does not match its checksum`);
}

// The upper half holds the Unix mode; zips made elsewhere have 0 there.
function modeOf(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}

function canceled(name: string, cause?: unknown): BotError {
  return new BotError({ code: 'command-canceled', message: `Unpacking ${name} was canceled`, hint: null, cause });
}

// Errors of the zip reader have no code: the archive is broken. Those of the disk have one.
function told(error: unknown, { name, into, signal }: Extract): BotError {
  if (error instanceof BotError) return error;
  if (signal.aborted) return canceled(name, error);
  const code = errnoOf(error);
  if (code === 'ENOSPC')
    return new BotError({ code: 'disk-full', message: `No space to unpack ${name}`, hint: `df -h ${into}`, cause: error });
  return badArchive(name, code ?? (error instanceof Error ? error.message : String(error)), error);
}
