// Folders an environment needs, made and checked before anything depends on them.

import { access, constants, mkdir, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';

/** Makes root, releases, shared and backups; BotError `not-writable` names the path, the user and what to type. */
export async function prepareRoot(root: string): Promise<void> {
  for (const path of [root, ...['releases', 'shared', 'backups'].map((name) => join(root, name))]) {
    try {
      await makeFolder(path);
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw notWritable(path, root, cause);
    }
  }
}

// Node's own recursive mkdir never returns where a folder exists and refuses new ones with ENOENT, as /proc and automount points do.
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const why = errnoOf(error);
    if (why === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (why !== 'ENOENT' || path === dirname(path)) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

function notWritable(path: string, root: string, cause: unknown): BotError {
  const why = errnoOf(cause) ?? String(cause);
  const user = userName();
  return new BotError({
    code: 'not-writable',
    message: `${path} cannot be used by ${user}: ${why}`,
    hint: hintFor(why, path, root, user),
    cause,
  });
}

function hintFor(why: string, path: string, root: string, user: string): string {
  if (why === 'EEXIST' || why === 'ENOTDIR') return `A file stands in the way: ls -l ${path} ${dirname(path)}`;
  if (why === 'EROFS') return `The file system is mounted read-only: findmnt -T ${dirname(path)}`;
  if (why === 'ENOSPC') return `The disk is full: df -h ${dirname(path)}`;
  return `sudo mkdir -p ${root} && sudo chown -R ${user} ${root}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
