// Which video was measured: its digest, and when it was written.

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { BotError } from '../../core/error.ts';
import type { Fingerprint } from '../../core/media.ts';
import { errnoOf } from '../errno.ts';
import { canceled } from './ffmpeg.ts';

/** Large enough to be fast, small enough that hashing one holds nobody up. One for the whole file: a new one for each would be collected in the middle of a watch. */
const PIECE_BYTES = 256 * 1024;

export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint> {
  try {
    const file = await open(path, 'r');
    try {
      const { mtimeMs } = await file.stat();
      const hash = createHash('sha256');
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      for (let read = await file.read(piece); read.bytesRead > 0; read = await file.read(piece)) {
        if (signal.aborted) throw canceled(path);
        hash.update(piece.subarray(0, read.bytesRead));
      }
      return { sha256: hash.digest('hex'), writtenAt: Math.round(mtimeMs) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof BotError) throw cause;
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): BotError {
  const message = `${path} cannot be read: ${errnoOf(cause) ?? String(cause)}`;
  return new BotError({ code: 'media-unreadable', message, hint: `Look at it: ls -la ${path}`, cause });
}
