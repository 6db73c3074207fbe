// Starts a program that waits until it is told to begin, so that none begins of which nobody has noted that it runs: when its worker dies
// before it was told, it ends without having done anything.

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import type { execa as Execa } from 'execa';
import type { CommandRun } from '../../core/ports.ts';
import { errnoOf } from '../errno.ts';

/** The words of the command are arguments here, never text of the script. `exec` keeps pid, group and start time. */
const SCRIPT = 'read -r _ && unset PWD OLDPWD SHLVL && exec "$@" </dev/null';
/** What a shell answers when it cannot execute a program. */
const NOT_EXECUTED: readonly unknown[] = [126, 127];

export function startWaiting(execa: typeof Execa, { argv, cwd }: CommandRun, env: Readonly<Record<string, string | undefined>>) {
  const child = execa('/bin/sh', ['-c', SCRIPT, argv[0], ...argv], {
    cwd,
    env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  // It may have been ended while it waited.
  child.stdin.on('error', () => {});
  return { child, letBegin: () => void child.stdin.end('\n') };
}

/** What keeps the program from being executed, when that is why it ended so; null when it did run. */
export async function whyNotExecuted(exitCode: number | null, { argv, cwd }: CommandRun, path = ''): Promise<string | null> {
  if (!NOT_EXECUTED.includes(exitCode)) return null;
  const [program] = argv;
  const places = program.includes('/') ? [resolve(cwd, program)] : path.split(delimiter).map((folder) => resolve(cwd, folder, program));
  const found = await Promise.all(places.map(mayExecute));
  if (found.includes(null)) return null;
  return found.find((errno) => errno !== 'ENOENT') ?? 'ENOENT';
}

async function mayExecute(path: string): Promise<string | null> {
  try {
    if (!(await stat(path)).isFile()) return 'EACCES';
    await access(path, constants.X_OK);
    return null;
  } catch (error) {
    return errnoOf(error) ?? 'unknown error';
  }
}
