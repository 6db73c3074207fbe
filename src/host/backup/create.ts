// Makes one backup: packs under a temporary name, then seals, then shows it under its own name.

import { link, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupMade, Backups } from '../../core/backup.ts';
import { BotError } from '../../core/error.ts';
import type { Gauges, Log } from '../../core/ports.ts';
import { formatUtcCompact } from '../../core/time.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
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
  makeFolder(folder);
  await removeLoneSeals(folder);
  await removeStale(folder, ports.log);
  const made = await madeBefore(folder, create);
  if (made !== null) return made;
  const temporary = join(folder, tempName('backup', backupName(create.at, create.tag)));
  try {
    const packed = await packInto(ports, create, temporary, folder);
    const file = await publish(folder, create, temporary, packed.sha256);
    tellSkipped(ports, file, packed);
    return { file, bytes: packed.bytes, files: packed.files, sha256: packed.sha256 };
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

/** A process that died between seal and zip left the seal twice: under its temporary name, which tells whose it is, and under its last one. */
async function removeLoneSeals(folder: string): Promise<void> {
  const names = new Set(await readdir(folder));
  const seals = [...names].filter((name) => name.endsWith(sidecarName('.zip')));
  const left = seals.filter((name) => tempOwner(name)?.alive === false);
  if (left.length === 0) return;
  const lone = seals.filter((name) => tempOwner(name) === null && !names.has(name.slice(0, -sidecarName('').length)));
  const dead = await Promise.all(left.map((name) => inodeOf(join(folder, name))));
  for (const path of lone.map((name) => join(folder, name))) {
    const inode = await inodeOf(path);
    if (inode !== null && dead.includes(inode)) await rm(path, { force: true });
  }
}

/** Null = somebody removed it meanwhile. */
async function inodeOf(path: string): Promise<bigint | null> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return null;
  }
}

/** A complete backup with the very facts of this one is the same one, made before a crash. */
async function madeBefore(folder: string, create: Create): Promise<BackupMade | null> {
  const names = await readdir(folder);
  for (const { file, isOf } of namesFor(create)) {
    if (!names.some(isOf)) return null;
    const made = names.includes(file) ? await recognize(file, create) : null;
    if (made !== null) return made;
  }
  return null;
}

/** The name for `at`, then those of the next seconds (`isOf`): none is used twice, a seal alone takes it too, and names go on sorting by age. */
function namesFor({ at, tag }: Create): readonly { readonly file: string; readonly isOf: (name: string) => boolean }[] {
  return Array.from({ length: MOST_SECONDS }, (_, second) => {
    const stamp = formatUtcCompact(at + second * 1_000);
    return { file: backupName(at + second * 1_000, tag), isOf: (name: string) => name.startsWith(`dhash_${stamp}_`) };
  });
}

async function recognize(file: string, create: Create): Promise<BackupMade | null> {
  const { environment, tag, commit, kind, at, job = null, signal } = create;
  const found = await runTask('verify', { root: environment.root, environment: environment.name, file, depth: 'checksum' }, signal);
  if (found.kind === 'broken' || found.tag !== tag || found.commit !== commit || found.createdAt !== at) return null;
  if (found.purpose !== kind || found.job !== job) return null;
  return { file, bytes: found.bytes, files: found.files, sha256: found.sha256 };
}

async function packInto(ports: BackupPorts, create: Create, path: string, folder: string): Promise<Packed> {
  const { environment, release, tag, commit, kind, at, job = null, signal } = create;
  const head = { environment: environment.name, tag, commit, kind, createdAt: at, job, shared: [] };
  const freeBytes = await ports.freeBytes(folder);
  return runTask('create', { root: environment.root, release, shared: environment.shared, head, path, freeBytes }, signal);
}

/**
 * The seal stands before the zip shows under its name, and `link` never replaces: nobody sees half a backup or loses a whole one. Of several
 * that want a name the first one gets it and the others take the next. Answers the name.
 */
async function publish(folder: string, create: Create, temporary: string, sha256: string): Promise<string> {
  const seal = sidecarName(temporary);
  for (const { file, isOf } of namesFor(create)) {
    if ((await readdir(folder)).some(isOf)) continue;
    await rm(seal, { force: true });
    await writeNew(seal, sidecarText(file, sha256));
    if (!(await linked(seal, join(folder, sidecarName(file))))) continue;
    if (await shown(folder, file, create, temporary)) return file;
  }
  throw new BotError({
    code: 'backup-exists',
    message: `Each of the ${MOST_SECONDS} names from ${backupName(create.at, create.tag)} on is taken.`,
    hint: 'Wait a minute, then try again.',
  });
}

/** Sealed it is; when it may not show, or somebody has its name, the seal goes again. */
async function shown(folder: string, file: string, { mayShow }: Create, temporary: string): Promise<boolean> {
  let isShown = false;
  try {
    await syncFolder(folder);
    await mayShow?.();
    isShown = await linked(temporary, join(folder, file));
  } finally {
    if (!isShown) await rm(join(folder, sidecarName(file)), { force: true });
  }
  if (!isShown) return false;
  await rm(temporary);
  await syncFolder(folder);
  return true;
}

/** False = somebody has that name. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return false;
  }
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
