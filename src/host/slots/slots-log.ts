// The log of the service in a slot: `<dataDir>/logs/<environment>-<slot>.log`.

import { open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
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
