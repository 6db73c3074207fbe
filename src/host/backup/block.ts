// Compresses one block of a file. Blocks of one file join to one deflate stream, so they can be made side by side.

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { OWN_RATIO, PIECE_BYTES } from './limits.ts';

export interface Block {
  readonly data: Buffer;
  /** The end of the block before it, which this one may refer to; null for the first. Read before `compress` returns its promise. */
  readonly before: Buffer | null;
  readonly last: boolean;
}

/** How far back deflate looks. */
export const WINDOW = 32 * 1024;
/** The fastest that still looks for a better match before it takes one. Level 6 takes three times as long over text for a sixteenth of its size. */
const LEVEL = 4;
const PROBE = 4 * 1024;
/** Below this a round trip to another thread costs more than the work. */
const SMALL = 2 * 1024;
/** What one stored piece of a deflate stream can hold. */
const MOST_STORED = 0xffff;

/** Used between two lines of one function only. */
const sample = Buffer.allocUnsafeSlow(2 * PROBE);

const deflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);

/**
 * Raw deflate data for the block, in pieces, made in a thread of the pool. What does not shrink is passed through; what shrinks too well
 * keeps a part as it is, so that no backup of ours ever looks like a bomb to the limits that reading enforces.
 */
export async function compress(block: Block): Promise<readonly Buffer[]> {
  const { data, last } = block;
  if (isIncompressible(data)) return stored(data, last);
  const packed = await deflate(block);
  if (packed.length * OWN_RATIO >= data.length) return [packed];
  const cut = Math.ceil(data.length / OWN_RATIO);
  const head = data.subarray(0, cut);
  return [...stored(head, false), await deflate({ data: data.subarray(cut), before: head, last })];
}

/** A guess from two samples; wrong guesses cost size or time, never bytes. */
export function isIncompressible(data: Buffer): boolean {
  if (data.length < 16 * PROBE) return false;
  const middle = data.length >> 1;
  data.copy(sample, 0, 0, PROBE);
  data.copy(sample, PROBE, middle, middle + PROBE);
  return zlib.deflateRawSync(sample, { level: 1, chunkSize: 3 * PROBE }).length > 0.97 * sample.length;
}

async function deflate({ data, before, last }: Block): Promise<Buffer> {
  const options: zlib.ZlibOptions = {
    level: LEVEL,
    finishFlush: last ? zlib.constants.Z_FINISH : zlib.constants.Z_SYNC_FLUSH,
    // Mostly one piece of output: each further one is a turn through the pool, but room that is not filled is memory for nothing.
    chunkSize: Math.min((data.length >> 1) + 1_024, PIECE_BYTES),
    ...(before === null || before.length === 0 ? {} : { dictionary: before.subarray(-WINDOW) }),
  };
  return data.length <= SMALL ? zlib.deflateRawSync(data, options) : deflateRaw(data, options);
}

// Deflate's own form for data as it is: one byte for "stored, last or not", the length, its complement, the data.
function stored(data: Buffer, last: boolean): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < data.length; from += MOST_STORED) {
    const piece = data.subarray(from, from + MOST_STORED);
    const head = Buffer.alloc(5);
    head.writeUInt8(last && from + MOST_STORED >= data.length ? 1 : 0, 0);
    head.writeUInt16LE(piece.length, 1);
    head.writeUInt16LE(~piece.length & 0xffff, 3);
    pieces.push(head, piece);
  }
  return pieces;
}
