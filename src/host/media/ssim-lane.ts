// A worker thread that scores bands of frames one after another, so that the bot goes on answering meanwhile.

import { Worker } from 'node:worker_threads';
import { BotError } from '../../core/error.ts';
import type { Band, Planes, Score } from './ssim.ts';

export interface SsimLane {
  /** In the order they come. Bytes in shared memory are not copied. */
  readonly score: (planes: Planes, band: Band) => Promise<Score>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (score: Score) => void;
  readonly reject: (error: unknown) => void;
}

export function openSsimLane(): SsimLane {
  const worker = new Worker(new URL('./ssim-worker.ts', import.meta.url), { execArgv: [], env: {} });
  const waiting: Waiting[] = [];
  let broken: unknown = null;
  const fail = (error: unknown): void => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };
  worker.on('message', (score: Score) => waiting.shift()?.resolve(score));
  worker.on('error', fail);
  worker.on('exit', () => fail(died()));
  return {
    score: (planes, band) =>
      new Promise((resolve, reject) => {
        if (broken !== null) {
          reject(broken);
          return;
        }
        waiting.push({ resolve, reject });
        worker.postMessage({ planes, band });
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
