// What people can say, in the order help shows it.

import { ack } from './ack.ts';
import { approve } from './approve.ts';
import { backup } from './backup.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { deploy } from './deploy.ts';
import { help } from './help.ts';
import { history } from './history.ts';
import { lock, unlock } from './lock.ts';
import { monitor } from './monitor.ts';
import { reject } from './reject.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { rollback } from './rollback.ts';
import { snooze } from './snooze.ts';
import { status } from './status.ts';
import { health, smoke } from './watch.ts';

const WORK = [
  deploy,
  rollback,
  status,
  backup,
  history,
  approve,
  reject,
  cancel,
  ack,
  snooze,
  report,
  lock,
  unlock,
  monitor,
  replay,
  smoke,
  health,
] as const satisfies readonly Command[];

export const COMMANDS: readonly Command[] = [...WORK, help(WORK)];
