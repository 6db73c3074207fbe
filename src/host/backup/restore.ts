// Turns a backup back into a release, and on demand its data into the present data.

import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Backups } from '../../core/backup.ts';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { isThere } from '../is-there.ts';
import { makeFolder } from '../make-folder.ts';
import { type BackupPorts, removeStale } from './create.ts';
import { toFailure } from './failure.ts';
import { RESTORED } from './limits.ts';
import { parseBackupName } from './names.ts';
import { tempName } from './owner.ts';
import { runTask } from './run-task.ts';
import { swapData } from './swap-data.ts';
import type { Unpacked } from './unpack.ts';

type Restore = Parameters<Backups['restore']>[0];
type Restored = Awaited<ReturnType<Backups['restore']>>;

/** What a restored release says of itself. */
interface Marker {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
  readonly tag: string;
  readonly commit: string;
  readonly data: boolean;
  /** Of the boot it was unpacked in: what was not yet on the disk is lost with a power cut, whatever the folder looks like. */
  readonly boot: string;
}

export async function restoreBackup(ports: BackupPorts, restore: Restore): Promise<Restored> {
  const { environment, file, id } = restore;
  const name = parseBackupName(file);
  if (name === null || !/^[0-9A-Za-z-]{1,64}$/.test(id)) throw badName(restore);
  const releases = join(environment.root, 'releases');
  const release = join(releases, `${name.tag}-${id}`);
  const marker = await readMarker(release);
  const boot = await readBoot();
  if (marker !== null && marker.file === file && marker.boot === boot && (marker.data || !restore.data)) return restored(release, marker);
  if (marker === null && (await isThere(release))) throw occupied(release);
  makeFolder(releases);
  await removeStale(releases, ports.log);
  await removeStale(environment.root, ports.log, 'shared');
  const folders = {
    release: join(releases, tempName('restore', `${name.tag}-${id}`)),
    shared: join(environment.root, `shared${tempName('restore', id)}`),
  };
  try {
    const unpacked = await unpackInto(ports, restore, folders);
    await linkShared(environment, folders.release, restore.data ? unpacked.shared : []);
    await writeMarker(folders.release, { id, file, ...unpacked, data: restore.data, boot });
    if (restore.data) await swapData({ root: environment.root, id, names: unpacked.shared, fresh: folders.shared });
    if (marker !== null) await rename(release, `${folders.release}-old`);
    await rename(folders.release, release);
    await syncFolder(releases);
    return restored(release, unpacked);
  } catch (error) {
    throw error instanceof BotError ? error : new BotError({ ...toFailure(error), cause: error });
  } finally {
    for (const folder of [folders.release, folders.shared, `${folders.release}-old`]) await rm(folder, { recursive: true, force: true });
  }
}

async function unpackInto(
  ports: BackupPorts,
  { environment, file, data, signal }: Restore,
  folders: { release: string; shared: string },
): Promise<Unpacked> {
  const freeBytes = await ports.freeBytes(environment.root);
  const places = { releaseFolder: folders.release, sharedFolder: data ? folders.shared : null };
  return runTask('unpack', { root: environment.root, environment: environment.name, file, ...places, freeBytes }, signal);
}

/** Shared names are links again, those that there is something behind, now or after the swap; what the release ships itself stays. */
async function linkShared({ root, shared }: Environment, release: string, coming: readonly string[]): Promise<void> {
  for (const name of shared) {
    const path = join(release, name);
    const isBacked = coming.includes(name) || (await isThere(join(root, 'shared', name)));
    if (!isBacked || (await isThere(path))) continue;
    await mkdir(dirname(path), { recursive: true });
    // The temporary folder lies as deep as the final one, so the relative target fits both.
    await symlink(relative(dirname(path), join(root, 'shared', name)), path);
  }
}

async function readMarker(release: string): Promise<Marker | null> {
  try {
    const marker: Partial<Marker> = JSON.parse(await readFile(join(release, RESTORED), 'utf8'));
    const { id, file, sha256, tag, commit, data, boot } = marker;
    if (id === undefined || file === undefined || sha256 === undefined || tag === undefined || commit === undefined) return null;
    return { id, file, sha256, tag, commit, data: data === true, boot: boot ?? '' };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function writeMarker(release: string, { id, file, sha256, tag, commit, data, boot }: Marker): Promise<void> {
  await writeFile(join(release, RESTORED), `${JSON.stringify({ id, file, sha256, tag, commit, data, boot })}\n`, { mode: 0o600 });
}

async function readBoot(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function restored(release: string, { tag, commit }: Pick<Unpacked, 'tag' | 'commit'>): Restored {
  return { release, tag, commit };
}

function badName({ file, id }: Restore): BotError {
  return new BotError({
    code: 'not-a-backup-name',
    message: `Cannot restore ${JSON.stringify(file)} as ${JSON.stringify(id)}: these are not a backup's name and an id.`,
    hint: 'Choose one of `backup list`.',
  });
}

function occupied(release: string): BotError {
  return new BotError({
    code: 'release-exists',
    message: `${release} is there already and was not made from this backup.`,
    hint: 'Start the rollback again: it takes a new id.',
  });
}
