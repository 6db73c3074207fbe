// What a process and its children use, as the kernel tells it. Children are followed downwards, so that the cost is the service's, not the host's.

import { readFile } from 'node:fs/promises';

export interface TreeUse {
  /** Clock ticks since each began, those of children that ended included. */
  readonly ticks: number;
  readonly residentBytes: number;
}

const PAGE_BYTES = 4_096;
/** A service that forks without end must not hold the look up. */
const MOST_PROCESSES = 500;

/** null = the first process is gone, or this is not Linux. */
export async function treeUse(procDir: string, pid: number): Promise<TreeUse | null> {
  const found = new Set<number>([pid]);
  let ticks = 0;
  let pages = 0;
  for (const each of found) {
    const [stat, statm, children] = await Promise.all([
      read(`${procDir}/${each}/stat`),
      read(`${procDir}/${each}/statm`),
      read(`${procDir}/${each}/task/${each}/children`),
    ]);
    // Ended between being named and being read: its ticks are in its parent's by now.
    if (stat === null && each !== pid) continue;
    const used = stat === null ? null : ticksOf(stat);
    if (used === null) return null;
    ticks += used;
    pages += Number(statm?.split(' ')[1] ?? 0);
    for (const child of (children ?? '').split(' ').filter((text) => /^\d+$/.test(text))) {
      if (found.size < MOST_PROCESSES) found.add(Number(child));
    }
  }
  return { ticks, residentBytes: pages * PAGE_BYTES };
}

// `pid (name) state ...`: the name may hold anything, so what counts begins behind its last bracket. utime stime cutime cstime are 14 to 17.
function ticksOf(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.length === 4 && ticks.every(Number.isFinite) ? ticks.reduce((sum, each) => sum + each, 0) : null;
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
