// Ends everything that runs in a slot: the service, its process group, and what left that group but carries the slot's marker.

import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Slot } from '../../core/slot.ts';
import type { DurationMs } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import { groupMembers, isAlive, killGroup } from '../processes.ts';
import { findMarked, type Marked, slotMarker } from './slots-marked.ts';

// A process may fork while it is being ended; what a round misses the next one finds.
const ROUNDS = 3;
const SIGKILL_WAIT_MS = 2_000;
const LOOK_EVERY_MS = 25;

/** SIGTERM, then SIGKILL after the stop timeout. Throws BotError `slot-not-stopped` when something survives. `mainPid` is known to be ours. */
export async function endEverything(what: {
  readonly environment: Environment;
  readonly slot: Slot;
  readonly mainPid: number | null;
}): Promise<void> {
  const { environment, slot, mainPid } = what;
  const { stopTimeout } = environment.service;
  const marker = slotMarker(environment, slot);

  if (mainPid !== null && (await killGroup(mainPid, stopTimeout)) === 'survived') throw notStopped(what, [mainPid]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const marked = findMarked(marker);
    if (marked.length === 0) return;
    await Promise.all(marked.map((one) => endOne(one, marked, stopTimeout)));
  }
  const left = findMarked(marker);
  if (left.length > 0)
    throw notStopped(
      what,
      left.map(({ pid }) => pid),
    );
}

// A session cannot be joined from outside, so a group that a marked process leads holds nothing but its own.
async function endOne(one: Marked, marked: readonly Marked[], stopTimeout: DurationMs): Promise<void> {
  if (groupMembers(one.pid).length > 0) {
    await killGroup(one.pid, stopTimeout);
    return;
  }
  const isInAnothersGroup = marked.some((other) => other.pid !== one.pid && groupMembers(other.pid).includes(one.pid));
  if (isInAnothersGroup) return;
  if (send(one, 'SIGTERM') && !(await isGone(one, stopTimeout)) && send(one, 'SIGKILL')) await isGone(one, SIGKILL_WAIT_MS);
}

function send(one: Marked, signal: NodeJS.Signals): boolean {
  if (!isAlive(one)) return false;
  try {
    process.kill(one.pid, signal);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EPERM') return false;
    throw error;
  }
}

async function isGone(one: Marked, withinMs: DurationMs): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (isAlive(one)) {
    if (performance.now() >= end) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

function notStopped({ environment, slot }: { environment: Environment; slot: Slot }, pids: readonly number[]): BotError {
  return new BotError({
    code: 'slot-not-stopped',
    message: `${pids.length === 1 ? 'A process' : 'Processes'} in ${slot} of ${environment.name} cannot be ended: pid ${pids.join(', ')}`,
    hint: `Look whose ${pids.length === 1 ? 'it is' : 'they are'} and what ${pids.length === 1 ? 'it waits' : 'they wait'} for: ps -o pid,user,stat,wchan,args -p ${pids.join(',')}`,
  });
}
