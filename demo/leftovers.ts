// What the demo started and the bot leaves running on purpose: the service's slots and the proxy outlive the bot, but not the demo.

import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

const PATIENCE_MS = 8_000;
const LOOK_MS = 100;

/**
 * Ends each process of this very Node program that works inside `dir` or names it in its command line: SIGTERM, after 8 s SIGKILL.
 * Another program there (somebody's shell, an editor, `tail -f`) is left alone, and so are this process and its ancestors. `dir` must be a
 * folder of the demo's own. Answers how many were ended. Linux only; elsewhere 0.
 */
export async function endProcessesOf(dir: string): Promise<number> {
  const real = await realpath(dir).catch(() => dir);
  const found = await processesOf(real);
  for (const pid of found) signal(pid, 'SIGTERM');
  const end = performance.now() + PATIENCE_MS;
  let left = found;
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    left = await processesOf(real);
  }
  for (const pid of left) signal(pid, 'SIGKILL');
  return found.length;
}

async function processesOf(dir: string): Promise<readonly number[]> {
  const spared = await ancestors(process.pid);
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map(async (pid) => !spared.has(pid) && (await belongsTo(pid, dir))));
  return pids.filter((_, index) => ours[index]);
}

async function belongsTo(pid: number, dir: string): Promise<boolean> {
  // Not readable: another user's, or gone by now; either way not ours.
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
  if (program !== (await realpath(process.execPath))) return false;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return [cwd, ...words.split('\0')].some((path) => path === dir || path.startsWith(`${dir}${sep}`));
}

async function ancestors(pid: number): Promise<ReadonlySet<number>> {
  const line = new Set<number>();
  for (let at = pid; at > 1 && !line.has(at); ) {
    line.add(at);
    const status = await readFile(`/proc/${at}/status`, 'utf8').catch(() => '');
    at = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return line;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone by itself in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
