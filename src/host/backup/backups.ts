// The Backups port: zip files with a seal beside them, in `<root>/backups`.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backups } from '../../core/backup.ts';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { type BackupPorts, createBackup } from './create.ts';
import { parseBackupName, sidecarName } from './names.ts';
import { restoreBackup } from './restore.ts';
import { runTask } from './run-task.ts';

/**
 * `restore` with `data` replaces each shared name that the backup holds and keeps what was there as `<root>/shared.before-<id>`, one such
 * folder at most; the service must be stopped meanwhile. An abort throws BotError `backup-canceled` and leaves nothing behind.
 */
export function createBackups(ports: BackupPorts): Backups {
  return {
    create: (create) => createBackup(ports, create),
    verify: ({ root, name }, file, depth, signal) => runTask('verify', { root, environment: name, file, depth }, signal),
    restore: (restore) => restoreBackup(ports, restore),
    list,
    remove,
    newestData: ({ root }) => runTask('newest', { folder: join(root, 'shared') }, null),
  };
}

// Without its seal a zip is no backup: it is half made, half removed, or somebody else's.
async function list({ root }: Environment): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
  const folder = join(root, 'backups');
  const names = new Set(await namesIn(folder));
  const files = [...names].filter((name) => parseBackupName(name) !== null && names.has(sidecarName(name)));
  const listed: { readonly file: string; readonly bytes: number }[] = [];
  for (const file of files.sort().reverse()) {
    const bytes = await sizeOf(join(folder, file));
    if (bytes !== null) listed.push({ file, bytes });
  }
  return listed;
}

async function remove({ root }: Environment, file: string): Promise<void> {
  if (parseBackupName(file) === null) {
    throw new BotError({
      code: 'not-a-backup-name',
      message: `${JSON.stringify(file)} is not the name of a backup, so it is not removed.`,
      hint: 'Choose one of `backup list`.',
    });
  }
  const folder = join(root, 'backups');
  await rm(join(folder, file), { force: true });
  await rm(join(folder, sidecarName(file)), { force: true });
  await syncFolder(folder);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
