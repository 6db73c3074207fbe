// The service as plain processes. It outlives the bot and is found again in two ways: by the pid and start time written down after the start,
// and by a marker in its environment, which is there from its first instruction on, so that no crash of the bot can lose track of it.

import { join } from 'node:path';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { SlotStatus } from '../../core/ports.ts';
import type { Slot } from '../../core/slot.ts';
import { causeHint } from '../commands/causes.ts';
import { PASSED_ON } from '../commands/commands.ts';
import { readStartTime } from '../processes.ts';
import type { Redact } from '../redact.ts';
import type { SlotBackend, SlotStart } from './slots-backend.ts';
import { boundLog, prepareLog, readTail } from './slots-log.ts';
import { findMarked, MARKER, mainOf, RELEASE_MARKER, slotMarker } from './slots-marked.ts';
import { bootId, livePid, readRecord, recordPath, removeRecord, type SlotRecord, writeRecord } from './slots-record.ts';
import { endEverything } from './slots-stop.ts';
import { type Ended, type Launch, type Launched, launchDetached } from './supervise-launch.ts';

export interface ProcessSlotsOptions {
  readonly dataDir: string;
  /** The bot's environment; only a few names are passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redact: Redact;
  readonly launch?: (launch: Launch) => Promise<Launched>;
}

const LOOK_EVERY_MS = 100;

export function createProcessSlots(options: ProcessSlotsOptions): SlotBackend {
  const { dataDir, redact, launch = launchDetached } = options;
  /** How services ended that this very process started. */
  const endings = new Map<string, Ended>();

  const exited = async (environment: Environment, slot: Slot, record: SlotRecord): Promise<SlotStatus> => {
    const tail = await readTail(logPath(dataDir, environment, slot), record.logOffset, redact);
    const ended = endings.get(keyOf(record)) ?? null;
    const cause = causeHint({ exitCode: ended?.code ?? null, signal: ended?.signal ?? null, tail, errno: null, program: null });
    return { kind: 'exited', detail: [sayEnding(record, ended), ...(cause === null ? [] : [cause])].join('. '), tail };
  };

  return {
    lookEveryMs: LOOK_EVERY_MS,

    status: async (environment, slot) => {
      const record = await readRecord(recordPath(dataDir, environment, slot));
      const pid = record === null ? null : livePid(record);
      if (record !== null && pid !== null) return { kind: 'running', pid, release: record.release, tag: record.tag };
      // A known process that is gone is gone, whatever children it left; the marker decides only when no pid was written down.
      const main = record === null || record.pid === null ? mainOf(findMarked(slotMarker(environment, slot))) : null;
      if (main !== null) return { kind: 'running', pid: main.pid, release: main.release, tag: main.tag };
      return record === null ? { kind: 'stopped' } : exited(environment, slot, record);
    },

    start: async (start) => {
      const { environment, slot, release, tag } = start;
      const path = recordPath(dataDir, environment, slot);
      const log = logPath(dataDir, environment, slot);
      const logOffset = await prepareLog(log);
      const record: SlotRecord = { pid: null, startTime: null, boot: bootId(), release, tag, logOffset };
      await writeRecord(path, record);
      const { pid, ended } = await launch({ ...describe(start, options.env), logPath: log }).catch(async (error: unknown) => {
        await removeRecord(path);
        throw error;
      });
      const known = { ...record, pid, startTime: readStartTime(pid) };
      void ended.then((how) => endings.set(keyOf(known), how));
      await writeRecord(path, known);
    },

    stop: async (environment, slot) => {
      const path = recordPath(dataDir, environment, slot);
      const record = await readRecord(path);
      await endEverything({ environment, slot, mainPid: record === null ? null : livePid(record) });
      await removeRecord(path);
      if (record !== null) endings.delete(keyOf(record));
    },

    boundLogs: async (environment) => {
      for (const slot of ['blue', 'green'] as const) await boundLog(logPath(dataDir, environment, slot));
    },
  };
}

/** What is run in the slot, where, and with which environment: an allow-list of the bot's own, what the configuration lets through, and ours. Pure. */
export function describe(start: SlotStart, botEnv: Readonly<Record<string, string | undefined>>): Omit<Launch, 'logPath'> {
  const { environment, slot, release, tag } = start;
  const { service } = environment;
  if (service.start.kind !== 'process') {
    throw new BotError({ code: 'not-a-process', message: `The service of ${environment.name} is a systemd unit`, hint: null });
  }
  const inherited = [...PASSED_ON, ...service.environment].flatMap((name) => {
    const value = botEnv[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own = {
    PORT: String(service.ports[slot]),
    RELEASE_TAG: tag,
    RELEASE_VERSION: tag,
    [MARKER]: slotMarker(environment, slot),
    [RELEASE_MARKER]: release,
  };
  return { argv: service.start.argv, cwd: release, env: { ...Object.fromEntries(inherited), ...own } };
}

function logPath(dataDir: string, environment: Environment, slot: Slot): string {
  return join(dataDir, 'logs', `${environment.name}-${slot}.log`);
}

function keyOf({ pid, startTime }: SlotRecord): string {
  return `${pid}:${startTime}`;
}

function sayEnding(record: SlotRecord, ended: Ended | null): string {
  if (record.pid === null) return `${record.tag} was about to be started when the bot stopped`;
  if (record.boot !== bootId()) return `${record.tag} (pid ${record.pid}) ended with the host, which was restarted`;
  if (ended === null) return `${record.tag} (pid ${record.pid}) is gone`;
  const how = ended.signal === null ? `exited with code ${ended.code}` : `was ended by ${ended.signal}`;
  return `${record.tag} (pid ${record.pid}) ${how}`;
}
