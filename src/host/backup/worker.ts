// The other side of run-task.ts: does one task, answers once, ends.

import { parentPort, workerData } from 'node:worker_threads';
import { toFailure } from './failure.ts';
import { TASKS, type TaskName, type Tasks } from './tasks.ts';

export interface Assignment<Name extends TaskName = TaskName> {
  readonly name: Name;
  readonly order: Tasks[Name]['order'];
}

async function run<Name extends TaskName>({ name, order }: Assignment<Name>): Promise<void> {
  try {
    parentPort?.postMessage({ kind: 'done', result: await TASKS[name](order) });
  } catch (error) {
    parentPort?.postMessage({ kind: 'failed', failure: toFailure(error) });
  }
}

await run(workerData);
