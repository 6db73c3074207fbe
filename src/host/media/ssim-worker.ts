// The other side of ssim-lane.ts: scores one band after another.

import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type Band, type Planes, score } from './ssim.ts';

// Of this thread alone: the bot's own goes first, as it does before ffmpeg.
setPriority(0, 10);

parentPort?.on('message', ({ planes, band }: { readonly planes: Planes; readonly band: Band }) =>
  parentPort?.postMessage(score(planes, band)),
);
