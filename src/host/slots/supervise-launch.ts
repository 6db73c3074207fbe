// Starts a program that outlives this process: a session of its own, output into a file.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Argv } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import { causeHint } from '../commands/causes.ts';
import { errnoOf } from '../errno.ts';

export interface Launch {
  readonly argv: Argv;
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Opened for appending; only the owner may read it. */
  readonly logPath: string;
}

export interface Launched {
  readonly pid: number;
  /** How it ended; seen only by the process that started it. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Its pid is the id of its process group too. Throws BotError `service-not-started` when the program or the folder is not there. */
export async function launchDetached(launch: Launch): Promise<Launched> {
  const [program, ...args] = launch.argv;
  const log = openSync(launch.logPath, 'a', 0o600);
  try {
    const child = spawn(program, args, { cwd: launch.cwd, env: { ...launch.env }, detached: true, stdio: ['ignore', log, log] });
    const { pid } = child;
    if (pid === undefined) throw await notStarted(launch, await failureOf(child));
    child.unref();
    const ended = new Promise<Ended>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    return { pid, ended };
  } finally {
    closeSync(log);
  }
}

async function failureOf(child: NodeJS.EventEmitter): Promise<unknown> {
  const [error]: unknown[] = await once(child, 'error');
  return error;
}

async function notStarted({ argv, cwd }: Launch, cause: unknown): Promise<BotError> {
  const errno = errnoOf(cause);
  const hasFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return new BotError({
    code: 'service-not-started',
    message: hasFolder ? `${argv[0]} cannot start in ${cwd}: ${errno ?? String(cause)}` : `${argv[0]} cannot start: ${cwd} is not a folder`,
    hint: hasFolder ? causeHint({ exitCode: null, signal: null, tail: [], errno, program: argv[0] }) : `Look at it: ls -ld ${cwd}`,
    cause,
  });
}
