// Makes one backup: packs under a temporary name, then seals, then shows it under its own name.

import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupMade, Backups } from '../../core/backup.ts';
import { BotError } from '../../core/error.ts';
import type { Gauges, Log } from '../../core/ports.ts';
import { formatUtcCompact } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { toFailure } from './failure.ts';
import { backupName, sidecarName } from './names.ts';
import { tempName, tempOwner } from './owner.ts';
import type { Packed } from './pack.ts';
import { runTask } from './run-task.ts';
import { sidecarText } from './sidecar.ts';

type Create = Parameters<Backups['create']>[0];

export interface BackupPorts {
  readonly freeBytes: Gauges['freeBytes'];
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** How many seconds a name may move on when its own is taken. */
const MOST_SECONDS = 60;

export async function createBackup(ports: BackupPorts, create: Create): Promise<BackupMade> {
  const folder = join(create.environment.root, 'backups');
  await mkdir(folder, { recursive: true });
  await removeStale(folder, ports.log);
  const name = await chooseName(folder, create);
  if (name.kind === 'made') return name.made;
  const temporary = join(folder, tempName('backup', name.file));
  try {
    const packed = await packInto(ports, create, temporary, folder);
    await publish(folder, name.file, temporary, packed.sha256);
    tellSkipped(ports, name.file, packed);
    return { file: name.file, bytes: packed.bytes, files: packed.files, sha256: packed.sha256 };
  } catch (error) {
    throw error instanceof BotError ? error : new BotError({ ...toFailure(error), cause: error });
  } finally {
    await rm(temporary, { force: true });
    await rm(sidecarName(temporary), { force: true });
  }
}

/** Removes what processes left behind that are gone. */
export async function removeStale(folder: string, log: BackupPorts['log'], prefix = ''): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || tempOwner(name.slice(prefix.length))?.alive !== false) continue;
    await rm(join(folder, name), { recursive: true, force: true });
    log.info({ path: join(folder, name) }, 'Removed what an interrupted backup or restore left behind');
  }
}

type ChosenName = { readonly kind: 'made'; readonly made: BackupMade } | { readonly kind: 'free'; readonly file: string };

/**
 * The name for `at`, or for the next second that nobody has: so no name is used twice, and names go on sorting by age. A complete backup
 * with the very facts of this one is the same one, made before a crash.
 */
async function chooseName(folder: string, create: Create): Promise<ChosenName> {
  const names = (await readdir(folder)).map((name) => tempOwner(name)?.of ?? name);
  for (let second = 0; second < MOST_SECONDS; second += 1) {
    const at = create.at + second * 1_000;
    const taken = names.filter((name) => name.startsWith(`dhash_${formatUtcCompact(at)}_`) && name.endsWith('.zip'));
    const file = backupName(at, create.tag);
    if (taken.length === 0) return { kind: 'free', file };
    const made = taken.includes(file) ? await recognize(file, create) : null;
    if (made !== null) return { kind: 'made', made };
  }
  throw new BotError({
    code: 'backup-exists',
    message: `Each of the ${MOST_SECONDS} names from ${backupName(create.at, create.tag)} on is taken.`,
    hint: 'Wait a minute, then try again.',
  });
}

async function recognize(file: string, create: Create): Promise<BackupMade | null> {
  const { environment, tag, commit, at, signal } = create;
  const found = await runTask('verify', { root: environment.root, environment: environment.name, file, depth: 'checksum' }, signal);
  if (found.kind === 'broken' || found.tag !== tag || found.commit !== commit || found.createdAt !== at) return null;
  return { file, bytes: found.bytes, files: found.files, sha256: found.sha256 };
}

async function packInto(ports: BackupPorts, create: Create, path: string, folder: string): Promise<Packed> {
  const { environment, release, tag, commit, kind, at, signal } = create;
  const head = { environment: environment.name, tag, commit, kind, createdAt: at, shared: [] };
  const freeBytes = await ports.freeBytes(folder);
  return runTask('create', { root: environment.root, release, shared: environment.shared, head, path, freeBytes }, signal);
}

/** The seal stands before the zip shows under its name, and `link` never replaces: nobody sees half a backup or loses a whole one. */
async function publish(folder: string, file: string, temporary: string, sha256: string): Promise<void> {
  await writeNew(sidecarName(temporary), sidecarText(file, sha256));
  if ((await readdir(folder)).includes(file)) throw exists(file);
  await rename(sidecarName(temporary), join(folder, sidecarName(file)));
  await syncFolder(folder);
  try {
    await link(temporary, join(folder, file));
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? exists(file) : error;
  }
  await rm(temporary);
  await syncFolder(folder);
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tellSkipped({ log }: BackupPorts, file: string, { skipped }: Packed): void {
  if (skipped.length === 0) return;
  log.warn(
    { file, skipped: skipped.slice(0, 20), count: skipped.length },
    'The backup leaves out some shared entries; its manifest lists them',
  );
}

function exists(file: string): BotError {
  return new BotError({ code: 'backup-exists', message: `Somebody else just made ${file}.`, hint: 'Try again.' });
}
