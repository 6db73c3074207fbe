// The other side of ssim-lane.ts: scores one pair of planes after another.

import { parentPort } from 'node:worker_threads';
import { type Planes, score } from './ssim.ts';

parentPort?.on('message', (planes: Planes) => parentPort?.postMessage(score(planes)));
