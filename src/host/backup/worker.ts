// The other side of run-task.ts: does one task, answers once, ends.

import process from 'node:process';
import { toFailure } from './failure.ts';
import { TASKS, type TaskName, type Tasks } from './tasks.ts';

export interface Assignment<Name extends TaskName = TaskName> {
  readonly name: Name;
  readonly order: Tasks[Name]['order'];
  readonly askedBy: number;
}

// Nobody waits for the answer any more.
process.once('disconnect', () => process.exit());
process.once('message', async ({ name, order, askedBy }: Assignment) => {
  // It died while this one started: a file made now would come after its successor has cleared up.
  if (process.ppid !== askedBy) process.exit();
  process.send?.(await answerTo(name, order));
});

async function answerTo<Name extends TaskName>(name: Name, order: Tasks[Name]['order']) {
  try {
    return { kind: 'done', result: await TASKS[name](order) };
  } catch (error) {
    return { kind: 'failed', failure: toFailure(error) };
  }
}
