// Writes the entries of a backup below two fresh folders. Links and permissions come last, when every content is proved.

import { chmodSync, lchownSync, lutimesSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { formatBytes } from '../../core/bytes.ts';
import { BotError } from '../../core/error.ts';
import { isBroken } from './broken.ts';
import type { Manifest, ManifestEntry } from './manifest.ts';
import { isOthers, type Places, placeOf } from './places.ts';
import { readThrough } from './read-through.ts';
import { demandSeal, type Sealed, withSealed } from './sealed.ts';
import { open } from './verify.ts';

export interface UnpackOrder extends Places {
  readonly root: string;
  readonly environment: string;
  readonly file: string;
  readonly freeBytes: number;
}

export interface Unpacked extends Pick<Manifest, 'tag' | 'commit' | 'shared'> {
  readonly sha256: string;
}

/**
 * After it resolves, every byte unpacked was hashed equal to manifest and seal. When it throws, the folders are to be thrown away:
 * BotError `backup-broken`, `no-release-in-backup`, `disk-full`.
 */
export async function unpack(order: UnpackOrder): Promise<Unpacked> {
  try {
    return await withSealed(order.root, order.file, async (sealed) => {
      const { tag, commit, shared } = await demandSeal(sealed, () => unpackSealed(order, sealed));
      return { tag, commit, shared, sha256: sealed.sha256 };
    });
  } catch (error) {
    if (!isBroken(error)) throw error;
    throw backupBroken(order, error);
  }
}

async function unpackSealed(order: UnpackOrder, sealed: Sealed): Promise<{ readonly result: Manifest; readonly sha256: string }> {
  const archive = open(sealed, order.environment);
  const wanted = archive.items.map(({ entry }) => entry).filter((entry) => placeOf(order, entry) !== null);
  if (!wanted.some(({ path }) => path === 'release')) throw noRelease(order);
  demandRoom(wanted, order);
  makeFolders(order, wanted);
  const { releaseFolder, sharedFolder } = order;
  const sha256 = await readThrough(archive, { releaseFolder, sharedFolder });
  // Reached only by content that fits the manifest; the seal itself is held against this hash before anything gets its place.
  if (sha256 === sealed.sha256) finish(order, wanted);
  return { result: archive.manifest, sha256 };
}

function demandRoom(wanted: readonly ManifestEntry[], { root, freeBytes }: UnpackOrder): void {
  const needed = Math.ceil(wanted.reduce((sum, { size }) => sum + size, 0) * 1.1);
  if (needed <= freeBytes) return;
  throw new BotError({
    code: 'disk-full',
    message: `Unpacking needs ${formatBytes(needed)} below ${root}, free are ${formatBytes(freeBytes)}.`,
    hint: 'Remove old releases or backups, then try again.',
  });
}

function makeFolders(order: UnpackOrder, wanted: readonly ManifestEntry[]): void {
  for (const entry of wanted) if (entry.kind === 'dir') mkdirSync(placeOf(order, entry) ?? '', { mode: 0o700 });
}

// Backwards, so that a folder's time and rights are set after everything below it.
function finish(order: UnpackOrder, wanted: readonly ManifestEntry[]): void {
  for (const entry of wanted.toReversed()) {
    const place = placeOf(order, entry) ?? '';
    const seconds = entry.mtime / 1_000;
    if (entry.kind === 'file') continue;
    if (entry.kind === 'link') symlinkSync(entry.target ?? '', place);
    if (isOthers(entry)) lchownSync(place, entry.uid, entry.gid);
    if (entry.kind === 'dir') chmodSync(place, entry.mode);
    if (entry.kind === 'dir') utimesSync(place, seconds, seconds);
    else lutimesSync(place, seconds, seconds);
  }
}

function backupBroken({ file }: UnpackOrder, cause: BotError): BotError {
  return new BotError({ code: 'backup-broken', message: `${file} is broken (${cause.code}): ${cause.message}`, hint: cause.hint, cause });
}

function noRelease({ file }: UnpackOrder): BotError {
  return new BotError({
    code: 'no-release-in-backup',
    message: `${file} holds shared data only, no release to go back to.`,
    hint: 'Choose another backup: `backup list`.',
  });
}
