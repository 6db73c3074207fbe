// Folders an environment needs, made and checked before anything depends on them.

import { access, constants } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { BotError } from '../../core/error.ts';
import { fileHint } from '../../core/file-trouble.ts';
import { errnoOf } from '../errno.ts';
import { makeFolder } from '../make-folder.ts';

/** Makes root, releases, shared and backups; BotError `not-writable` names the path, the user and what to type. */
export async function prepareRoot(root: string): Promise<void> {
  for (const path of [root, ...['releases', 'shared', 'backups'].map((name) => join(root, name))]) {
    try {
      makeFolder(path);
      await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw notWritable(path, root, cause);
    }
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
  return fileHint(why, path) ?? `sudo mkdir -p ${root} && sudo chown -R ${user} ${root}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
