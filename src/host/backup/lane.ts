// A thread that reads runs of entries beside others that do the same: each takes the next one until none is left.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BARE_THREAD } from '../bare-thread.ts';
import { type BrokenCode, broken } from './broken.ts';
import type { Reading } from './reading.ts';

/** How a lane says that no run is left, or why one could not be read. */
export type LaneAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'broken'; readonly code: BrokenCode; readonly detail: string }
  | { readonly kind: 'failed'; readonly code: string | null; readonly message: string };

const NO_ANSWER: LaneAnswer = { kind: 'failed', code: null, message: 'A thread that reads the backup ended without an answer.' };

/** Throws what reading threw. When it settles, the thread has ended. */
export async function readInLane(reading: Reading): Promise<void> {
  const worker = new Worker(new URL('./lane-worker.ts', import.meta.url), { workerData: reading, ...BARE_THREAD });
  const answers: LaneAnswer[] = [];
  worker.once('message', (answer: LaneAnswer) => answers.push(answer));
  await once(worker, 'exit');
  const [answer = NO_ANSWER] = answers;
  if (answer.kind === 'broken') throw broken(answer.code, answer.detail);
  if (answer.kind === 'failed') throw Object.assign(new Error(answer.message), answer.code === null ? {} : { code: answer.code });
}
