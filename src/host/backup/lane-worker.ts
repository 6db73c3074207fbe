// The other side of lane.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { errnoOf } from '../errno.ts';
import { isBroken } from './broken.ts';
import type { LaneAnswer } from './lane.ts';
import { type Reading, readRuns } from './reading.ts';

async function answerTo(reading: Reading): Promise<LaneAnswer> {
  try {
    await readRuns(reading);
    return { kind: 'done' };
  } catch (error) {
    if (isBroken(error)) return { kind: 'broken', code: error.code, detail: error.message };
    return { kind: 'failed', code: errnoOf(error), message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await answerTo(workerData));
