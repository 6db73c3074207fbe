// Data and configuration that outlive a release: kept in <root>/shared, linked into each one.

import { cp, lstat, mkdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';

/** Links each name; answers those that are nowhere and cannot be made empty. Doing it again changes nothing. */
export async function linkSharedNames(link: {
  readonly root: string;
  readonly names: readonly string[];
  readonly release: string;
}): Promise<readonly string[]> {
  for (const name of link.names) assertName(name);
  const missing: string[] = [];
  for (const name of link.names) if (!(await linkOne(link.root, link.release, name))) missing.push(name);
  return missing;
}

async function linkOne(root: string, release: string, name: string): Promise<boolean> {
  const kept = join(root, 'shared', name);
  const shipped = join(release, name);
  await makeParent(release, shipped);
  await mkdir(dirname(kept), { recursive: true });

  const shippedKind = await kindOf(shipped);
  if ((await kindOf(kept)) === null) {
    // A link that the release ships points at something of its own and is not data.
    if (shippedKind === 'data') await move(shipped, kept);
    else if (isFolderName(name)) await mkdir(kept);
    else {
      // Ours from before, with nothing behind it any more.
      if (shippedKind === 'link') await rm(shipped);
      return false;
    }
  }
  await replaceByLink(shipped, relative(dirname(shipped), kept));
  return true;
}

async function replaceByLink(path: string, target: string): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'link' && (await readlink(path)) === target) return;
  if (kind !== null) await rm(path, { recursive: true });
  await symlink(target, path);
}

// What the release ships must not lead the new link out of the release.
async function makeParent(release: string, shipped: string): Promise<void> {
  const parent = dirname(shipped);
  await mkdir(parent, { recursive: true });
  const [inside, outside] = await Promise.all([realpath(parent), realpath(release)]);
  if (inside === outside || inside.startsWith(outside + sep)) return;
  throw new BotError({
    code: 'shared-outside-release',
    message: `${parent} is a link that leads out of the release, to ${inside}`,
    hint: 'Take the link out of the release, or share another name in dhash.yml.',
  });
}

// shared/ may be another file system; then copy under a temporary name, so that a crash leaves nothing half there.
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    const temporary = join(dirname(to), `.tmp-${to.slice(dirname(to).length + 1)}`);
    await rm(temporary, { recursive: true, force: true });
    await cp(from, temporary, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    await rename(temporary, to);
    await rm(from, { recursive: true });
  }
}

async function kindOf(path: string): Promise<'link' | 'data' | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? 'link' : 'data';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

// `data` is surely a folder; `.env` and `settings.json` are files that only a person can fill.
function isFolderName(name: string): boolean {
  return !name.slice(name.lastIndexOf('/') + 1).includes('.');
}

function assertName(name: string): void {
  const segments = name.split('/');
  const isBad = name === '' || name.includes('\0') || segments.some((segment) => segment === '' || segment === '.' || segment === '..');
  if (!isBad) return;
  throw new BotError({
    code: 'bad-shared-name',
    message: `"${name}" cannot be shared: it must be a name inside the release`,
    hint: 'Correct shared of the environment in dhash.yml, for example: shared: [data, .env]',
  });
}
