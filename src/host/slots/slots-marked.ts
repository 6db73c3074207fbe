// A service and all its children carry a marker in their environment: what runs in a slot is found even when the bot died before it could
// write down the pid, and children that left the process group are found too.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Environment } from '../../core/config.ts';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import { groupMembers, readStartTime } from '../processes.ts';

export interface Marked {
  readonly pid: number;
  readonly startTime: string;
  readonly release: string | null;
  readonly tag: string | null;
}

export const MARKER = 'DHASH_SLOT';
export const RELEASE_MARKER = 'DHASH_RELEASE';

/** `production-blue-<hash of the root>`: two bots with environments of one name do not take each other's services for their own. */
export function slotMarker(environment: Environment, slot: Slot): string {
  const root = createHash('sha256').update(environment.root).digest('hex').slice(0, 12);
  return `${environment.name}-${slot}-${root}`;
}

/** Every running process of the slot, the oldest first; this very process is never one of them. */
export function findMarked(marker: string): readonly Marked[] {
  const proof = `${MARKER}=${marker}`;
  return readdirSync('/proc')
    .filter((name) => /^[1-9]\d*$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const variables = environmentOf(name);
      const startTime = variables.includes(proof) ? readStartTime(Number(name)) : null;
      if (startTime === null) return [];
      return [{ pid: Number(name), startTime, release: variableOf(variables, RELEASE_MARKER), tag: variableOf(variables, 'RELEASE_TAG') }];
    })
    .sort((one, other) => Number(one.startTime) - Number(other.startTime) || one.pid - other.pid);
}

/** The one that was started as the service: the oldest that leads a process group, or the oldest of all. */
export function mainOf(marked: readonly Marked[]): Marked | null {
  return marked.find(({ pid }) => groupMembers(pid).includes(pid)) ?? marked[0] ?? null;
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch (error) {
    // It ended, or belongs to somebody else: then it carries no marker of ours.
    if (errnoOf(error) === null) throw error;
    return [];
  }
}

function variableOf(variables: readonly string[], name: string): string | null {
  const found = variables.find((variable) => variable.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}
