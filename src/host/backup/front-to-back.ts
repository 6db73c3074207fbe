// Reads the beginning of a file front to back through an open descriptor, and hashes every byte it reads, once.

import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { broken } from './broken.ts';
import { PIECE_BYTES } from './limits.ts';

export interface FrontToBack {
  /** Exactly the next `length` bytes. The memory is the caller's to keep. */
  readonly take: (length: number) => Buffer;
  /** Up to `most` of the next bytes, at least one. The memory is the caller's to keep. */
  readonly some: (most: number) => Buffer;
  /** Reads on without giving anything out. */
  readonly pass: (length: number) => void;
  /** Hash of everything up to `end`, and of the bytes that follow it. */
  readonly digest: (rest: Buffer) => string;
}

/** Reads bytes 0 to `end`; throws `broken` when the file is shorter. */
export function readFrontToBack(fd: number, end: number): FrontToBack {
  const sha256 = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let position = 0;
  let from = 0;
  let until = 0;

  return {
    take: (length) => {
      const taken = Buffer.allocUnsafe(length);
      for (let held = 0; held < length; ) held += view(length - held).copy(taken, held);
      return taken;
    },
    some: (most) => Buffer.from(view(most)),
    pass: (length) => {
      for (let left = length; left > 0; ) left -= view(left).length;
    },
    digest: (rest) => sha256.update(rest).digest('hex'),
  };

  function view(most: number): Buffer {
    if (from === until) refill();
    const given = buffer.subarray(from, Math.min(until, from + most));
    from += given.length;
    return given;
  }

  function refill(): void {
    from = 0;
    until = readSync(fd, buffer, 0, Math.min(buffer.length, end - position), position);
    if (until === 0) throw broken('truncated', `The zip ends at byte ${position}; more was expected.`);
    sha256.update(buffer.subarray(0, until));
    position += until;
  }
}
