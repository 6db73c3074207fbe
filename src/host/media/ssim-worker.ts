// The other side of ssim-lane.ts: scores one pair after another.

import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type Planes, score } from './ssim.ts';

// Of this thread alone: the bot's own goes first, as it does before ffmpeg.
setPriority(0, 10);

export interface Task {
  readonly planes: Planes;
  readonly by: 'kernel' | 'package';
}

parentPort?.on('message', ({ planes, by }: Task) => {
  if (by === 'kernel') parentPort?.postMessage(score(planes));
  // Loaded for the few frames that need it.
  else void import('./ssim-package.ts').then(({ packageMean }) => parentPort?.postMessage(packageMean(planes)));
});
