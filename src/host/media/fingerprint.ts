// Which video was measured: its digest, and when it was written.

import { open } from 'node:fs/promises';
import { BotError } from '../../core/error.ts';
import type { Fingerprint } from '../../core/media.ts';
import { errnoOf } from '../errno.ts';
import { hashBehind } from '../hash-file.ts';
import { canceled } from './ffmpeg.ts';

export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint> {
  try {
    const file = await open(path, 'r');
    try {
      const { mtimeMs } = await file.stat();
      return { sha256: await hashBehind(file.fd, { signal }), writtenAt: Math.round(mtimeMs) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw signal.aborted ? canceled(path) : unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): BotError {
  const message = `${path} cannot be read: ${errnoOf(cause) ?? String(cause)}`;
  return new BotError({ code: 'media-unreadable', message, hint: `Look at it: ls -la ${path}`, cause });
}
