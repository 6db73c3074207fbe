// Unix sockets by paths of any length. The kernel takes 107 bytes; a longer path is reached through an open folder, so that the socket
// stays in the data folder, with its rights, and needs no second place that every process would have to guess alike.

import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const LONGEST_BYTES = 107;

export interface ShortPath {
  readonly path: string;
  /** To be called when the socket is closed. */
  readonly release: () => void;
}

/** The same path, or a short name for it that is good until released. The folder must be there. */
export function shortSocketPath(path: string): ShortPath {
  if (Buffer.byteLength(path) <= LONGEST_BYTES) return { path, release: () => {} };
  const folder = openSync(dirname(path), 'r');
  return { path: `/proc/self/fd/${folder}/${basename(path)}`, release: () => closeSync(folder) };
}
