// Where ffmpeg's output lands: memory, bounded.

import { Writable } from 'node:stream';
import { BotError } from '../../core/error.ts';

export interface Sink {
  readonly stream: Writable;
  /** What came, in one piece. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
}

/** Room for exactly so many bytes, in memory that threads can share; what came last is known by `length`. */
export function createSharedSink(size: number): { readonly stream: Writable; readonly bytes: Uint8Array; readonly length: () => number } {
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  let length = 0;
  const stream = new Writable({
    emitClose: false,
    write: (chunk: Buffer, _encoding, next) => {
      if (length + chunk.length > size) {
        next(tooLarge(size));
        return;
      }
      bytes.set(chunk, length);
      length += chunk.length;
      next();
    },
  });
  return { stream, bytes, length: () => length };
}

/** Room for `mostBytes`; more is an error, for the size of a picture is known beforehand. */
export function createSink(mostBytes: number): Sink {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream = new Writable({
    // runFfmpeg says why.
    emitClose: false,
    write: (chunk: Buffer, _encoding, next) => {
      length += chunk.length;
      if (length > mostBytes) {
        next(tooLarge(mostBytes));
        return;
      }
      chunks.push(chunk);
      next();
    },
  });
  return {
    stream,
    bytes: () => {
      const all = new Uint8Array(length);
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      return all;
    },
  };
}

function tooLarge(mostBytes: number): BotError {
  return new BotError({ code: 'media-too-large', message: `ffmpeg wrote more than the ${mostBytes} bytes expected.`, hint: null });
}
