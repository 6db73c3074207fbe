// Where the database lies: a folder and a file that only their owner may read.

import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BotError } from '../core/error.ts';
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

/** Why nothing can be kept any more, as the system tells it without a write; null = it can. */
export function placeTrouble(path: string): BotError | null {
  if (path === ':memory:') return null;
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch (thrown) {
    return storeFailure(thrown, path);
  }
}
