// What an archive of a release may hold, whatever format it has. Pure, except for the question how much disk is free.

import { stat, statfs } from 'node:fs/promises';
import { BotError } from '../../core/error.ts';

const MOST_ENTRIES = 100_000;
const LONGEST_NAME_BYTES = 255;
const LARGEST_GROWTH = 20;

export interface Limits {
  readonly entries: number;
  /** Unpacked, all together. */
  readonly bytes: number;
}

/** At most 20 times the archive and half of what is free where it is unpacked. */
export async function limitsFor(file: string, into: string): Promise<Limits> {
  const [{ size }, disk] = await Promise.all([stat(file), statfs(into)]);
  return { entries: MOST_ENTRIES, bytes: Math.min(LARGEST_GROWTH * size, (disk.bavail * disk.bsize) / 2) };
}

/** Why this name may not be unpacked; null = it may. A slash at the end (a folder) is fine. */
export function badName(name: string): string | null {
  const path = name.endsWith('/') ? name.slice(0, -1) : name;
  if (path === '') return 'an empty name';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'an absolute path';
  if (path.includes('\\') || path.includes('\0') || path.includes('\ufffd') || !path.isWellFormed())
    return 'a name with characters that are not allowed';
  for (const segment of path.split('/')) {
    if (segment === '..') return 'a path that leaves the release';
    if (segment === '' || segment === '.') return 'a path with an empty part';
    if (Buffer.byteLength(segment) > LONGEST_NAME_BYTES) return 'a name that is too long';
  }
  return null;
}

/** Keeps count over one archive; `add` throws BotError `bad-archive` for the entry that goes too far. */
export function createTally(name: string, limits: Limits): { readonly add: (entry: string, bytes: number) => void } {
  const seen = new Set<string>();
  let bytes = 0;
  return {
    add: (entry, size) => {
      bytes += size;
      // Two names that one file system may take for the same.
      const key = entry.replace(/\/$/, '').normalize('NFC').toLowerCase();
      if (seen.has(key)) throw badArchive(name, `"${entry}" is in it twice`);
      seen.add(key);
      if (seen.size > limits.entries) throw badArchive(name, `more than ${limits.entries} entries`);
      if (bytes > limits.bytes) throw badArchive(name, `more than ${Math.floor(limits.bytes)} bytes unpacked`);
    },
  };
}

export function badArchive(name: string, why: string, cause?: unknown): BotError {
  return new BotError({
    code: 'bad-archive',
    message: `${name} is not unpacked: ${why}`,
    hint: 'Nothing of it was kept. Make the archive anew from the tag and look at where it came from.',
    cause,
  });
}
