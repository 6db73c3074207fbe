// What is remembered about the service in a slot, so that another bot process finds it again.

import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../../core/config.ts';
import type { Slot } from '../../core/slot.ts';
import { errnoOf } from '../errno.ts';
import { PRIVATE, writeDurably } from '../files.ts';
import { isAlive } from '../processes.ts';

const RECORD = z.strictObject({
  /** Null = about to be started: the process, if there is one, is found by its marker. */
  pid: z.int().min(2).nullable(),
  startTime: z.string().nullable(),
  /** Pids and start times begin anew at each boot. */
  boot: z.string(),
  release: z.string(),
  tag: z.string(),
  /** Where its part of the log begins, in bytes. */
  logOffset: z.int().min(0),
});
export type SlotRecord = z.infer<typeof RECORD>;

/** `<dataDir>/run/<environment>-<slot>.json` */
export function recordPath(dataDir: string, environment: Environment, slot: Slot): string {
  return join(dataDir, 'run', `${environment.name}-${slot}.json`);
}

/** Null when there is none, or it is no whole record: the marker still finds what runs. */
export async function readRecord(path: string): Promise<SlotRecord | null> {
  try {
    return RECORD.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export async function writeRecord(path: string, record: SlotRecord): Promise<void> {
  await writeDurably(path, `${JSON.stringify(record)}\n`, PRIVATE);
}

export async function removeRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Its pid while that very process runs, else null. */
export function livePid({ pid, startTime, boot }: SlotRecord): number | null {
  if (pid === null || startTime === null || boot !== bootId()) return null;
  return isAlive({ pid, startTime }) ? pid : null;
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
