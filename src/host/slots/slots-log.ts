// The log of the service in a slot: `<dataDir>/logs/<environment>-<slot>.log`, written by the service itself, so that it goes on when the bot does not.

import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createOutputLines } from '../commands/output-lines.ts';
import { errnoOf } from '../errno.ts';
import { PRIVATE } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
import type { Redact } from '../redact.ts';

const LARGEST_BYTES = 10_000_000;
const KEPT_LINES = 40;
const READ_BYTES = 64 * 1024;

/** Makes the folder, moves a log over 10 MB to `.1`, and answers where the next start begins to write. */
export async function prepareLog(path: string): Promise<number> {
  makeFolder(dirname(path), PRIVATE.folder);
  const size = await sizeOf(path);
  if (size <= LARGEST_BYTES) return size;
  await rename(path, `${path}.1`);
  return 0;
}

/** While the service writes: of a log over 10 MB the newest 10 MB stand in `.1` afterwards, and it begins anew. What is printed in that moment may be lost. */
export async function boundLog(path: string): Promise<void> {
  const size = await sizeOf(path);
  if (size <= LARGEST_BYTES) return;
  const aside = `${path}.1.tmp`;
  try {
    await pipeline(
      createReadStream(path, { start: size - LARGEST_BYTES, end: size - 1 }),
      createWriteStream(aside, { mode: PRIVATE.file }),
    );
    await rename(aside, `${path}.1`);
  } finally {
    // Also when there is no room to put it aside: then it is the log that fills the disk.
    await truncate(path);
    await rm(aside, { force: true });
  }
}

/** The last lines written since `offset`, redacted; none when there is no log. */
export async function readTail(path: string, offset: number, redact: Redact): Promise<readonly string[]> {
  const size = await sizeOf(path);
  // A log that was cut meanwhile (copytruncate) is shorter than where we began.
  const from = Math.max(offset <= size ? offset : 0, size - READ_BYTES);
  if (size === from) return [];
  const lines: string[] = [];
  const output = createOutputLines(redact, (line) => lines.push(line));
  output.push(await readBytes(path, from, size - from));
  output.end();
  return lines.slice(-KEPT_LINES);
}

async function readBytes(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
