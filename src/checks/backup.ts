// Can this deploy's own backup be made, and what do we know of the last one?

import { dirname } from 'node:path';
import type { Backup } from '../core/backup.ts';
import { formatBytes } from '../core/bytes.ts';
import { type CheckResult, fail, pass } from '../core/check.ts';
import { asBotError } from '../core/error.ts';
import { formatDuration, type Instant } from '../core/time.ts';
import type { Check, CheckContext } from './context.ts';

export interface BackupFacts {
  readonly folder: string;
  /** The folder itself, or where it does not exist yet the nearest one above it. */
  readonly writable: boolean;
  readonly freeBytes: number;
  /** Newest first. */
  readonly backups: readonly Backup[];
  readonly now: Instant;
}

const FLOOR_BYTES = 256 * 1024 * 1024;
/** A release and its data grow from one backup to the next. */
const GROWTH = 1.5;
const TEST_TIMEOUT_MS = 10_000;

export const checkBackup: Check = async (context, signal) => {
  const { environment, ports, store, now } = context;
  const folder = `${environment.root}/backups`;
  const { path, freeBytes } = await nearestFolder(ports, folder);
  const writable = await mayWrite(context, path, signal);
  const backups = [...(await store.backups(environment.name))].sort((one, other) => other.createdAt - one.createdAt);
  return { result: judgeBackup({ folder, writable, freeBytes, backups, now }), at: lastVerified(backups)?.verifiedAt ?? now };
};

export function judgeBackup({ folder, writable, freeBytes, backups, now }: BackupFacts): CheckResult {
  if (!writable)
    return fail(
      `${folder} may not be written`,
      `It is on a read-only file system (findmnt -O ro), or another user's: chown -R <the bot's user> ${folder}`,
    );
  const wanted = Math.max(FLOOR_BYTES, Math.ceil((backups[0]?.bytes ?? 0) * GROWTH));
  const room = `${formatBytes(freeBytes)} free`;
  if (freeBytes < wanted)
    return fail(`${room} at ${folder}, a backup wants ${formatBytes(wanted)}`, `Free some space, e.g. look at: du -sh ${folder}/*`);
  const newest = backups[0];
  if (newest === undefined) return pass(`no backup yet, this deploy makes the first one; ${room}`);
  if (newest.verifiedAt === null) {
    return fail(
      `the newest backup ${newest.file} was not found right when it was last looked at`,
      'Look again: /dhash backup verify, or make a new one: /dhash backup create',
    );
  }
  return pass(`${newest.file} verified ${formatDuration(Math.max(0, now - newest.verifiedAt))} ago; ${room}`);
}

function lastVerified(backups: readonly Backup[]): Backup | null {
  return backups.find(({ verifiedAt }) => verifiedAt !== null) ?? null;
}

// Before the first deploy the folder is not there, and a dry run must not make it.
async function nearestFolder(ports: CheckContext['ports'], folder: string): Promise<{ readonly path: string; readonly freeBytes: number }> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      return { path, freeBytes: await ports.gauges.freeBytes(path) };
    } catch (thrown) {
      if (path === dirname(path) || !isMissing(thrown)) throw thrown;
    }
  }
}

function isMissing(thrown: unknown): boolean {
  const { cause } = asBotError(thrown);
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT';
}

/** Asked of the system, so that rights, read-only mounts and access lists all count, and nothing is written. */
async function mayWrite({ environment, ports }: CheckContext, path: string, signal: AbortSignal): Promise<boolean> {
  try {
    const key = `check-backup-${environment.name}`;
    await ports.commands.run({ argv: ['test', '-w', path], cwd: '/', env: {}, timeoutMs: TEST_TIMEOUT_MS, signal, onLine: () => {}, key });
    return true;
  } catch (thrown) {
    if (asBotError(thrown).code === 'command-failed') return false;
    throw thrown;
  }
}
