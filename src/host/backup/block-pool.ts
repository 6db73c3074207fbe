// Memory for blocks that is used again and again: what is left to the garbage collector piles up to many times what is in use.

import { BLOCK_BYTES } from './limits.ts';

export interface BlockPool {
  /** Memory for up to BLOCK_BYTES; what is in it is of no meaning. */
  readonly take: (length: number) => Buffer;
  /** Takes back what `take` gave, or any part of it; leaves all else alone. */
  readonly giveBack: (data: Buffer) => void;
}

export function createBlockPool(): BlockPool {
  const ours = new Map<ArrayBufferLike, Buffer>();
  const free: Buffer[] = [];

  return {
    take: (length) => (free.pop() ?? grow()).subarray(0, length),
    giveBack: ({ buffer }) => {
      const block = ours.get(buffer);
      if (block !== undefined) free.push(block);
    },
  };

  function grow(): Buffer {
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    ours.set(block.buffer, block);
    return block;
  }
}
