// Runs one task in a worker thread of its own; an abort ends the thread where it stands.

import { Worker } from 'node:worker_threads';
import { BotError, type BotErrorFacts } from '../../core/error.ts';
import { BARE_THREAD } from '../bare-thread.ts';
import type { TaskName, Tasks } from './tasks.ts';
import type { Assignment } from './worker.ts';

type Answer<Result> = { readonly kind: 'done'; readonly result: Result } | { readonly kind: 'failed'; readonly failure: BotErrorFacts };

// A small young generation is collected often, and with it the buffers of many blocks, which V8 counts as next to nothing.
const FRUGAL = { ...BARE_THREAD, resourceLimits: { maxYoungGenerationSizeMb: 1 } };

/** Throws what the task threw, or BotError `backup-canceled` when the signal aborts. When it settles, the thread has ended. */
export async function runTask<Name extends TaskName>(
  name: Name,
  order: Tasks[Name]['order'],
  signal: AbortSignal | null,
): Promise<Tasks[Name]['result']> {
  if (signal?.aborted) throw canceled(name);
  const assignment: Assignment<Name> = { name, order };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: assignment, ...FRUGAL });
  const answer = new Promise<Answer<Tasks[Name]['result']>>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(signal?.aborted ? canceled(name) : died(name)));
  });
  const abort = () => void worker.terminate();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const told = await answer;
    if (told.kind === 'failed') throw new BotError(told.failure);
    return told.result;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function canceled(name: TaskName): BotError {
  return new BotError({ code: 'backup-canceled', message: `The task "${name}" on a backup was canceled.`, hint: null });
}

function died(name: TaskName): BotError {
  return new BotError({
    code: 'backup-worker-died',
    message: `The thread for the task "${name}" ended without an answer.`,
    hint: 'Look at the memory of the host and at the log, then try again.',
  });
}
