// When shared data last changed.

import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';

/** More is not looked at: the answer is shown to a person who waits for it. */
const MOST = 200_000;

/** Newest modification time of a file or link below the folder; null when there is none. Follows no links. */
export function newestFile(folder: string): Instant | null {
  const folders = [folder];
  let newest: Instant | null = null;
  for (let seen = 0; seen < MOST; ) {
    const next = folders.pop();
    if (next === undefined) break;
    for (const entry of children(next)) {
      seen += 1;
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else newest = Math.max(newest ?? 0, Math.floor(lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
    }
  }
  return newest === 0 ? null : newest;
}

function children(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
