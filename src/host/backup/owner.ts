// Temporary names that tell which process they belong to, so that a dead one's are known and removed.

import { isAlive, ownProcess } from '../processes.ts';

const TEMP = /^\.tmp-(?:backup|restore)-(\d+)-(\d+)-\d+-(.+)$/;
let made = 0;

/** `.tmp-backup-<pid>-<start>-<n>-<name>`: unique on this host for as long as this process lives. */
export function tempName(purpose: 'backup' | 'restore', name: string): string {
  const { pid, startTime } = ownProcess();
  made += 1;
  return `.tmp-${purpose}-${pid}-${startTime}-${made}-${name}`;
}

/** What a temporary name was for and whether its process still runs; null for any other name. */
export function tempOwner(name: string): { readonly alive: boolean; readonly of: string } | null {
  const [, pid, startTime, of] = TEMP.exec(name) ?? [];
  if (pid === undefined || startTime === undefined || of === undefined) return null;
  return { alive: isAlive({ pid: Number(pid), startTime }), of };
}
