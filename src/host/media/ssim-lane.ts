// A worker thread that scores pairs of frames one after another, so that the bot goes on answering meanwhile.

import { Worker } from 'node:worker_threads';
import { BotError } from '../../core/error.ts';
import { BARE_THREAD } from '../bare-thread.ts';
import type { Planes, Score } from './ssim.ts';
import type { Task } from './ssim-worker.ts';

export interface SsimLane {
  /** In the order they come. Bytes in shared memory are not copied. */
  readonly score: (planes: Planes) => Promise<Score>;
  /** The mean by ssim.js itself. */
  readonly packageMean: (planes: Planes) => Promise<number>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export function openSsimLane(): SsimLane {
  const worker = new Worker(new URL('./ssim-worker.ts', import.meta.url), BARE_THREAD);
  const waiting: Waiting[] = [];
  let broken: unknown = null;
  const fail = (error: unknown): void => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };
  // Answers come in the order of the tasks, so each is of the kind that was asked for.
  worker.on('message', (answer: unknown) => waiting.shift()?.resolve(answer));
  worker.on('error', fail);
  worker.on('exit', () => fail(died()));
  const ask = <T>(task: Task): Promise<T> =>
    new Promise((resolve, reject) => {
      if (broken !== null) {
        reject(broken);
        return;
      }
      waiting.push({ resolve: (answer) => resolve(answer as T), reject });
      worker.postMessage(task);
    });
  return {
    score: (planes) => ask({ planes, by: 'kernel' }),
    packageMean: (planes) => ask({ planes, by: 'package' }),
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
