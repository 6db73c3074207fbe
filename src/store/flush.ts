// Brings what was committed to the disk, in a thread of the pool: those who wait at the same time share one flush, and nobody's loop stands still.

import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

export interface Flush {
  /** Resolves when everything committed before the call would survive a power cut; throws what the system threw. */
  readonly flushed: () => Promise<void>;
  readonly close: () => void;
}

/** `sync` brings the whole log to the disk. */
export function createFlush(sync: () => Promise<void>): Pick<Flush, 'flushed'> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return {
    flushed: () => {
      // One that already runs may have begun before the caller's commit.
      next ??= running.then(begin, begin);
      return next;
    },
  };

  function begin(): Promise<void> {
    next = null;
    running = sync();
    return running;
  }
}

/** For what need not survive a power cut. */
export const NO_FLUSH: Flush = { flushed: async () => {}, close: () => {} };

/** Every commit of SQLite's write-ahead mode is in this one file until a checkpoint has brought it, synced, into the database. */
export function flushOfLog(path: string): Flush {
  if (path === ':memory:') return NO_FLUSH;
  let log: number | null = null;
  let closed = false;
  const { flushed } = createFlush(async () => {
    // Not before the first commit: it makes the file.
    log ??= openSync(`${path}-wal`, 'r');
    await synced(log);
  });
  return {
    flushed,
    close: () => {
      const last = log;
      if (last === null || closed) return;
      closed = true;
      // Never under a flush that is still at work: its number may be another file's by then.
      const shut = () => closeSync(last);
      void flushed().then(shut, shut);
    },
  };
}

const synced = promisify(fdatasync);
