// Who a process is: a pid alone is reused, a pid with its start time is not.

import { readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DurationMs } from '../core/time.ts';
import { errnoOf } from './errno.ts';

export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks from boot to the start of the process. */
  readonly startTime: string;
}

export interface Owner extends ProcessId {
  readonly host: string;
}

const KILL_AFTER_MS = 5_000;
// SIGKILL cannot be refused, but a process in the kernel's uninterruptible sleep takes it later.
const SIGKILL_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 25;

/** Start time of a process; null when there is none. A zombie has ended: it has no start time here. */
export function readStartTime(pid: number): string | null {
  const stat = readStat(pid);
  return stat === null || isGone(stat.state) ? null : stat.startTime;
}

/** True while this very process runs; a zombie, or another process under the same pid, is not it. */
export function isAlive(process: ProcessId): boolean {
  return readStartTime(process.pid) === process.startTime;
}

/** This process. */
export function ownProcess(): Owner {
  const startTime = readStartTime(process.pid);
  if (startTime === null) throw new Error('/proc is not mounted: a process cannot be told from another with the same pid');
  return { host: hostname(), pid: process.pid, startTime };
}

/** `host:pid:startTime`, as leases and files name an owner. */
export function encodeOwner(owner: Owner): string {
  return `${owner.host}:${owner.pid}:${owner.startTime}`;
}

/** The owner behind `host:pid:startTime`; text after a `/` names a worker inside the process and is ignored. Null = not an owner. */
export function decodeOwner(text: string): Owner | null {
  const match = /^([^:/\s]+):([1-9]\d{0,9}):(\d{1,20})(\/.*)?$/.exec(text);
  if (match === null) return null;
  const [, host = '', pid = '', startTime = ''] = match;
  return { host, pid: Number(pid), startTime };
}

/** True only when the owner is certainly gone. An owner of another host, or a text that names none, cannot be judged: false. */
export function isOwnerDead(text: string, thisHost: string = hostname()): boolean {
  const owner = decodeOwner(text);
  return owner !== null && owner.host === thisHost && !isAlive(owner);
}

/** Pids of a process group that still run (zombies left out). */
export function groupMembers(pgid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[1-9]\d*$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat !== null && stat.pgid === pgid && !isGone(stat.state);
    });
}

/**
 * Ends a process group: SIGTERM, then SIGKILL for what is left after `killAfterMs`. The caller has made sure that the group is the one it
 * means. Answers the signal that ended it, null when nothing ran, or `survived` when it belongs to another user or hangs in the kernel.
 */
export async function killGroup(pgid: number, killAfterMs: DurationMs = KILL_AFTER_MS): Promise<'SIGTERM' | 'SIGKILL' | 'survived' | null> {
  if (!Number.isSafeInteger(pgid) || pgid <= 1) throw new RangeError(`${pgid} is not a process group that may be ended`);
  const sent = signalGroup(pgid, 'SIGTERM');
  if (sent === 'nobody') return null;
  if (sent === 'sent' && (await isGroupGone(pgid, killAfterMs))) return 'SIGTERM';
  if (signalGroup(pgid, 'SIGKILL') === 'denied') return 'survived';
  return (await isGroupGone(pgid, SIGKILL_WAIT_MS)) ? 'SIGKILL' : 'survived';
}

/** `nobody` = the group has no member; `denied` = all its members belong to another user. Signal 0 only asks. */
export function signalGroup(pgid: number, signal: NodeJS.Signals | 0): 'sent' | 'nobody' | 'denied' {
  try {
    process.kill(-pgid, signal);
    return 'sent';
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return 'nobody';
    if (errnoOf(error) === 'EPERM') return 'denied';
    throw error;
  }
}

async function isGroupGone(pgid: number, withinMs: DurationMs): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (groupMembers(pgid).length > 0) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

interface Stat {
  readonly state: string;
  readonly pgid: number;
  readonly startTime: string;
}

function readStat(pid: number): Stat | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    // ESRCH: it ended between opening and reading.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return null;
    throw error;
  }
}

// The name in field 2 may hold spaces and parentheses, so fields are counted from the last one.
function parseStat(text: string): Stat | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const [state, , pgid] = fields;
  const startTime = fields[19];
  return state === undefined || pgid === undefined || startTime === undefined ? null : { state, pgid: Number(pgid), startTime };
}

function isGone(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}
