// Where ffmpeg's output lands: memory, bounded.

import { Writable } from 'node:stream';
import { BotError } from '../../core/error.ts';

export interface Sink {
  readonly stream: Writable;
  /** What came, in one buffer of its own: it may be handed to a worker. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
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
        next(new BotError({ code: 'media-too-large', message: `ffmpeg wrote more than the ${mostBytes} bytes expected.`, hint: null }));
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
