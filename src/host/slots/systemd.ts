// The service as a systemd unit per slot. Which release a slot runs is told by `<root>/slots/<slot>.env` and the link `<root>/slots/<slot>`;
// the file is there from the start until the stop, so a unit that is down although it was not stopped has exited.

import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv, Environment } from '../../core/config.ts';
import { asBotError, BotError } from '../../core/error.ts';
import type { Clock, Commands, SlotStatus } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import type { DurationMs } from '../../core/time.ts';
import { causeHint } from '../commands/causes.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder, writeDurably } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
import type { SlotBackend, SlotStart } from './slots-backend.ts';
import { waitFor } from './supervise-wait.ts';
import * as words from './systemd-argv.ts';

const COMMAND_MS = 30_000;
const KILL_WAIT_MS = 5_000;
const LOOK_EVERY_MS = 500;

export function createSystemdSlots(options: { readonly run: Commands['run']; readonly clock: Clock }): SlotBackend {
  const tell = teller(options.run);

  const stateOf = async (environment: Environment, slot: Slot): Promise<words.UnitState> => {
    const unit = unitOf(environment, slot);
    const state = words.parseUnitState(await tell(words.showUnit(unit), COMMAND_MS));
    if (state !== null && state.load !== 'not-found') return state;
    throw new BotError({
      code: 'unit-not-found',
      message: `systemd knows no unit ${unit} for ${slot} of ${environment.name}`,
      hint: `Install the unit, then: systemctl daemon-reload; systemctl cat ${unit}`,
    });
  };

  const exited = async (environment: Environment, slot: Slot, state: words.UnitState): Promise<SlotStatus> => {
    const unit = unitOf(environment, slot);
    const tail = await tell(words.unitJournal(unit), COMMAND_MS).catch((error: unknown) => [
      `(its journal cannot be read: ${asBotError(error).message})`,
    ]);
    const cause = causeHint({ exitCode: state.exitStatus, signal: null, tail, errno: null, program: null });
    const detail = `${unit} is ${state.active} (${state.sub}), result ${state.result}, exit status ${state.exitStatus}`;
    return { kind: 'exited', detail: cause === null ? detail : `${detail}. ${cause}`, tail };
  };

  const untilDown = (environment: Environment, slot: Slot): Promise<true | null> =>
    waitFor({ clock: options.clock, withinMs: KILL_WAIT_MS, everyMs: LOOK_EVERY_MS }, async () => {
      const { active, mainPid } = await stateOf(environment, slot);
      return mainPid === null && (active === 'inactive' || active === 'failed') ? true : null;
    });

  return {
    // journald bounds what it keeps.
    boundLogs: async () => {},
    lookEveryMs: LOOK_EVERY_MS,

    status: async (environment, slot) => {
      const state = await stateOf(environment, slot);
      const told = await readTold(environment, slot);
      if (state.mainPid !== null) return { kind: 'running', pid: state.mainPid, release: told?.release ?? null, tag: told?.tag ?? null };
      return told === null ? { kind: 'stopped' } : exited(environment, slot, state);
    },

    start: async (start) => {
      const { environment, slot } = start;
      const unit = unitOf(environment, slot);
      const { active } = await stateOf(environment, slot);
      await writeTold(start);
      if (active === 'failed') await tell(words.resetUnit(unit), COMMAND_MS);
      await tell(words.startUnit(unit), COMMAND_MS);
    },

    stop: async (environment, slot) => {
      const unit = unitOf(environment, slot);
      await tell(words.stopUnit(unit), environment.service.stopTimeout).catch(async (error: unknown) => {
        if (!(error instanceof BotError) || error.code !== 'command-timed-out') throw error;
        await tell(words.killUnit(unit), COMMAND_MS);
      });
      if ((await untilDown(environment, slot)) === null) throw notStopped(environment, slot, unit);
      await rm(envPath(environment, slot), { force: true });
    },
  };
}

/** Every call has a key of its own: status may be asked while a stop runs. */
function teller(run: Commands['run']) {
  return async (argv: Argv, timeoutMs: DurationMs): Promise<readonly string[]> => {
    const key = `systemd-${randomBytes(6).toString('hex')}`;
    const signal = new AbortController().signal;
    const { lastLines } = await run({ argv, cwd: '/', env: {}, timeoutMs, signal, onLine: () => {}, key });
    return lastLines;
  };
}

function unitOf(environment: Environment, slot: Slot): string {
  const { start } = environment.service;
  if (start.kind === 'systemd') return words.unitName(start.unit, slot);
  throw new BotError({ code: 'not-a-unit', message: `The service of ${environment.name} is not a systemd unit`, hint: null });
}

function envPath(environment: Environment, slot: Slot): string {
  return join(environment.root, 'slots', `${slot}.env`);
}

async function readTold(environment: Environment, slot: Slot): Promise<{ release: string | null; tag: string | null } | null> {
  try {
    const told = words.parseEnvironmentFile(await readFile(envPath(environment, slot), 'utf8'));
    return { release: told['RELEASE_PATH'] ?? null, tag: told['RELEASE_TAG'] ?? null };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The link first: the file is what says that the slot was started. */
async function writeTold({ environment, slot, release, tag }: SlotStart): Promise<void> {
  const folder = join(environment.root, 'slots');
  const temporary = join(folder, `.${slot}.${randomBytes(6).toString('hex')}.tmp`);
  makeFolder(folder);
  await symlink(release, temporary);
  await rename(temporary, join(folder, slot));
  await syncFolder(folder);
  const PORT = String(environment.service.ports[slot]);
  await writeDurably(
    envPath(environment, slot),
    words.environmentFile({ PORT, RELEASE_TAG: tag, RELEASE_VERSION: tag, RELEASE_PATH: release }),
  );
}

function notStopped(environment: Environment, slot: Slot, unit: string): BotError {
  return new BotError({
    code: 'slot-not-stopped',
    message: `${unit} in ${slot} of ${environment.name} still runs after it was told to stop`,
    hint: `Look at it: systemctl status ${unit}`,
  });
}
