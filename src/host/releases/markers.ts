// What is live, told on the disk: <root>/current and <root>/VERSION.

import { randomBytes } from 'node:crypto';
import { lstat, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { BotError } from '../../core/error.ts';
import type { Markers } from '../../core/ports.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder, writeDurably } from '../files.ts';

export async function readMarkers(root: string): Promise<Markers> {
  const [version, target] = await Promise.all([orNull(readFile(join(root, 'VERSION'), 'utf8')), readCurrent(root)]);
  return { version: version?.trim() || null, current: target === null ? null : resolve(root, target) };
}

/** `current` first, then VERSION; each is the old one or the new one at any moment. */
export async function mark(root: string, release: string, tag: string): Promise<void> {
  const found = await orNull(stat(release));
  if (found === null || !found.isDirectory()) {
    throw new BotError({
      code: 'release-missing',
      message: `${release} is not there, so it cannot be marked as live`,
      hint: `See what there is: ls -l ${root}/releases`,
    });
  }
  const current = join(root, 'current');
  const temporary = join(root, `.current.${randomBytes(6).toString('hex')}.tmp`);
  await symlink(relative(root, release), temporary);
  try {
    await rename(temporary, current);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw notALink(current, cause);
  }
  await syncFolder(root);
  await writeDurably(join(root, 'VERSION'), `${tag}\n`);
}

// An older deployment may have left a folder there; that is shown as what it is.
async function readCurrent(root: string): Promise<string | null> {
  const path = join(root, 'current');
  const found = await orNull(lstat(path));
  if (found === null) return null;
  return found.isSymbolicLink() ? readlink(path) : path;
}

function notALink(current: string, cause: unknown): BotError {
  return new BotError({
    code: 'marker-not-written',
    message: `${current} cannot be switched: ${errnoOf(cause) ?? String(cause)}`,
    hint: `It must be a symbolic link, or not be there: ls -ld ${current}; mv ${current} ${current}.old`,
    cause,
  });
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
