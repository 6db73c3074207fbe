// The sha256 of a file, in hexadecimal digits.

import { createHash } from 'node:crypto';
import { read } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Large enough to be fast, small enough that hashing one holds nobody up. */
const PIECE_BYTES = 1024 * 1024;
const readBehind = promisify(read);

export interface HashOptions {
  /** The first byte that is not read any more; without it the whole file is. */
  readonly end?: number;
  /** Bytes that are said to follow. */
  readonly following?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** Throws what the system threw. */
export async function hashFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    return await hashBehind(file.fd);
  } finally {
    await file.close();
  }
}

/** Of what is behind an open descriptor, from its first byte. */
export async function hashBehind(fd: number, options: HashOptions = {}): Promise<string> {
  const { end = Number.MAX_SAFE_INTEGER, following = new Uint8Array(), signal } = options;
  const sha256 = createHash('sha256');
  // One for the whole file: a new one for each piece would be left to the collector.
  const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await readBehind(fd, piece, 0, Math.min(piece.length, end - position), position);
    if (bytesRead === 0) return sha256.update(following).digest('hex');
    signal?.throwIfAborted();
    sha256.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
}
