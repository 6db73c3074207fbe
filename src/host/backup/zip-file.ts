// Writes a file front to back and hashes exactly the bytes it hands to the disk.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** Hashing and writing in large pieces takes a third of the time that small ones take. */
const BUFFER_BYTES = 1024 * 1024;

export interface ZipFile {
  /** How many bytes were appended so far. */
  readonly position: () => number;
  readonly append: (bytes: Uint8Array) => void;
  /** Writes out, syncs to the disk and closes. */
  readonly finish: () => { readonly bytes: number; readonly sha256: string };
}

export function createZipFile(path: string): ZipFile {
  const fd = openSync(path, 'wx', 0o600);
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let held = 0;
  let written = 0;

  return {
    position: () => written + held,
    append: (bytes) => {
      for (let from = 0; from < bytes.length; ) {
        const piece = bytes.subarray(from, from + BUFFER_BYTES - held);
        buffer.set(piece, held);
        held += piece.length;
        from += piece.length;
        if (held === BUFFER_BYTES) flush();
      }
    },
    finish: () => {
      flush();
      fsyncSync(fd);
      closeSync(fd);
      return { bytes: written, sha256: hash.digest('hex') };
    },
  };

  function flush(): void {
    hash.update(buffer.subarray(0, held));
    for (let done = 0; done < held; ) done += writeSync(fd, buffer, done, held - done);
    written += held;
    held = 0;
  }
}
