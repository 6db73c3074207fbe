// A folder with all that are above it. Node's own recursive mkdir calls a read-only disk "no such file", and never returns in /proc.

import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './errno.ts';

/** What is there stays as it is. `mode`: the rights of each folder that is made. */
export function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const why = errnoOf(error);
    if (why === 'EEXIST' && statSync(path).isDirectory()) return;
    if (why !== 'ENOENT' || path === dirname(path)) throw error;
    makeFolder(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}
