// Where the database lies: a folder and a file that only their owner may read.

import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { storeFailure } from './failure.ts';

/** Makes the folder (0700, when it is not there) and the file (0600, also when it is). SQLite gives its -wal and -shm the file's rights. */
export function makePlace(path: string): void {
  if (path === ':memory:') return;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (thrown) {
    throw storeFailure(thrown, path);
  }
}
