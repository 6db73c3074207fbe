// A worker thread that scores frames one after another, so that the bot goes on answering meanwhile.

import { Worker } from 'node:worker_threads';
import { BotError } from '../../core/error.ts';
import type { Planes, Score } from './ssim.ts';

export interface SsimLane {
  /** One at a time. The bytes are handed over: they are empty afterwards. */
  readonly score: (planes: Planes & { readonly bytes: Uint8Array<ArrayBuffer> }) => Promise<Score>;
  readonly close: () => Promise<void>;
}

export function openSsimLane(): SsimLane {
  const worker = new Worker(new URL('./ssim-worker.ts', import.meta.url), { execArgv: [], env: {} });
  let settle: { readonly resolve: (score: Score) => void; readonly reject: (error: unknown) => void } | null = null;
  let broken: unknown = null;
  const fail = (error: unknown): void => {
    broken ??= error;
    settle?.reject(broken);
  };
  worker.on('message', (score: Score) => settle?.resolve(score));
  worker.on('error', fail);
  worker.on('exit', () => fail(died()));
  return {
    score: (planes) =>
      new Promise((resolve, reject) => {
        if (broken !== null) {
          reject(broken);
          return;
        }
        settle = { resolve, reject };
        worker.postMessage(planes, [planes.bytes.buffer]);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

function died(): BotError {
  return new BotError({
    code: 'ssim-worker-died',
    message: 'The thread that compares frames ended without an answer.',
    hint: 'Look at the memory of the host and at the log, then try again.',
  });
}
