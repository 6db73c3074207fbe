// Runs one task in a process that is started for it and ends with it: what moves gigabytes takes neither the bot's threads nor its memory.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { pid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { BotError, type BotErrorFacts } from '../../core/error.ts';
import { BARE_THREAD } from '../bare-thread.ts';
import type { TaskName, Tasks } from './tasks.ts';
import type { Assignment } from './worker.ts';

type Answer<Result> = { readonly kind: 'done'; readonly result: Result } | { readonly kind: 'failed'; readonly failure: BotErrorFacts };

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
// A small young generation is collected often, and with it the buffers of many blocks, which V8 counts as next to nothing. Each arena of the
// allocator, one a thread as it comes, keeps what it once had.
const FRUGAL = { execArgv: ['--max-semi-space-size=1'], env: { ...BARE_THREAD.env, MALLOC_ARENA_MAX: '2' } };

/** A way back is in a hurry; what is only made sure of is not, and the bot and the service beside it go first. */
const UNHURRIED: ReadonlySet<TaskName> = new Set(['create', 'verify']);

/** Throws what the task threw, or BotError `backup-canceled` when the signal aborts. When it settles, the process has ended. */
export async function runTask<Name extends TaskName>(
  name: Name,
  order: Tasks[Name]['order'],
  signal: AbortSignal | null,
): Promise<Tasks[Name]['result']> {
  if (signal?.aborted) throw canceled(name);
  const assignment: Assignment<Name> = { name, order, askedBy: pid };
  // In a group of its own: a Ctrl-C is meant for the bot, which cancels in its own way.
  const child = fork(WORKER, { ...FRUGAL, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
  const gone = once(child, 'exit').catch(() => undefined);
  if (child.pid !== undefined && UNHURRIED.has(name)) setPriority(child.pid, 10);
  const abort = () => void child.kill('SIGKILL');
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const told = await new Promise<Answer<Tasks[Name]['result']>>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', () => reject(signal?.aborted ? canceled(name) : died(name)));
      child.send(assignment, (error) => error !== null && reject(error));
    });
    if (told.kind === 'failed') throw new BotError(told.failure);
    return told.result;
  } finally {
    signal?.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    await gone;
  }
}

function canceled(name: TaskName): BotError {
  return new BotError({ code: 'backup-canceled', message: `The task "${name}" on a backup was canceled.`, hint: null });
}

function died(name: TaskName): BotError {
  return new BotError({
    code: 'backup-worker-died',
    message: `The process for the task "${name}" ended without an answer.`,
    hint: 'Look at the memory of the host and at the log, then try again.',
  });
}
