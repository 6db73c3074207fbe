// A backup and its seal, opened once: what is hashed, checked and unpacked are the bytes behind this one descriptor.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { hashBehind } from '../hash-file.ts';
import { broken, isBroken } from './broken.ts';
import { parseBackupName, sidecarName } from './names.ts';
import { parseSidecar } from './sidecar.ts';

export interface Sealed {
  readonly fd: number;
  readonly size: number;
  /** What the sidecar says. */
  readonly sha256: string;
  /** From the file name. */
  readonly tag: string;
}

/** Opens `<root>/backups/<file>`, never through a link, and closes it when `use` is done. Throws `broken`. */
export async function withSealed<T>(root: string, file: string, use: (sealed: Sealed) => Promise<T>): Promise<T> {
  const name = parseBackupName(file);
  if (name === null)
    throw broken('not-a-backup-name', `${JSON.stringify(file)} is not the name of a backup (dhash_<date>_<time>_<tag>.zip).`);
  const fd = open(join(root, 'backups', file), 'missing');
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw broken('not-a-file', `${file} is not a regular file.`);
    const sha256 = readSeal(root, file);
    return await use({ fd, size: stats.size, sha256, tag: name.tag });
  } catch (error) {
    if (errnoOf(error) === 'EIO') throw broken('unreadable', `The disk cannot read ${file} (EIO).`, error);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Answers the result of `read`, once the hash of what it read is the sealed one. When the content is found wrong first, the hash is looked
 * at all the same: "the file was damaged" explains more than which entry shows it.
 */
export async function demandSeal<T>(sealed: Sealed, read: () => Promise<{ readonly result: T; readonly sha256: string }>): Promise<T> {
  try {
    const { result, sha256 } = await read();
    if (sha256 === sealed.sha256) return result;
    throw mismatch(sealed, sha256, null);
  } catch (error) {
    if (!isBroken(error) || error.code === 'checksum-mismatch') throw error;
    const actual = await hashBehind(sealed.fd);
    throw actual === sealed.sha256 ? error : mismatch(sealed, actual, error.message);
  }
}

function mismatch(sealed: Sealed, actual: string, detail: string | null): Error {
  const seen = detail === null ? '' : ` Seen first: ${detail}`;
  return broken('checksum-mismatch', `Its bytes hash to ${actual}, sealed were ${sealed.sha256}.${seen}`);
}

function readSeal(root: string, file: string): string {
  const fd = open(join(root, 'backups', sidecarName(file)), 'sidecar-missing');
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > 4_096) throw broken('sidecar-form', `${sidecarName(file)} is not a small text file.`);
    const sidecar = parseSidecar(readFileSync(fd, 'utf8'), file);
    if (sidecar.kind === 'broken') throw broken(sidecar.code, sidecar.detail);
    return sidecar.sha256;
  } finally {
    closeSync(fd);
  }
}

function open(path: string, whenMissing: 'missing' | 'sidecar-missing'): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') throw broken(whenMissing, `There is no ${path}.`, error);
    if (code === 'ELOOP') throw broken('not-a-file', `${path} is a link.`, error);
    throw broken('unreadable', `${path} cannot be opened (${code ?? 'unknown'}).`, error);
  }
}
