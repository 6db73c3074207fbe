// The other side of ssim-lane.ts: scores one band after another, or a whole frame by the package.

import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type Band, type Planes, score } from './ssim.ts';

// Of this thread alone: the bot's own goes first, as it does before ffmpeg.
setPriority(0, 10);

/** `band` null: the mean of the whole frame, by ssim.js. */
export interface Task {
  readonly planes: Planes;
  readonly band: Band | null;
}

parentPort?.on('message', ({ planes, band }: Task) => {
  if (band !== null) parentPort?.postMessage(score(planes, band));
  // Loaded for the few frames that need it.
  else void import('./ssim-package.ts').then(({ packageMean }) => parentPort?.postMessage(packageMean(planes)));
});
