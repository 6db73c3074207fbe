// Tells when somebody may have written: this process by itself, others by way of the system's file notifications. Nothing is asked meanwhile.

import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

export interface News {
  /** Calls the listener soon after each write, perhaps more than once; answers a function that ends it. */
  readonly onWrite: (listener: () => void) => () => void;
  readonly told: () => void;
  readonly close: () => void;
}

/** Where the system cannot notify (no inotify left, a file system without it) only own writes are told: listeners look for themselves now and then. */
export function createNews(path: string): News {
  const listeners = new Set<() => void>();
  const told = () => {
    for (const listener of listeners) listener();
  };
  // Only once somebody listens: a shell that asks one question needs no watch.
  let watcher: FSWatcher | null = null;
  return {
    onWrite: (listener) => {
      watcher ??= path === ':memory:' ? null : watchLog(path, told);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    told,
    close: () => {
      listeners.clear();
      watcher?.close();
      watcher = null;
    },
  };
}

/** Every commit of every process goes through the write-ahead log beside the database; the log itself comes and goes, the folder stays. */
function watchLog(path: string, told: () => void): FSWatcher | null {
  const log = `${basename(path)}-wal`;
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === log) told();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
