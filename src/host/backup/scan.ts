// What there is to back up: one walk over the release and the shared names, before anything is written.

import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { MAX_ENTRIES, RESTORED, VERSION } from './limits.ts';
import { leavesTree } from './links.ts';
import type { Skipped } from './manifest.ts';
import { foldPath, parentOf, pathDefect } from './paths.ts';

export interface Found {
  /** Inside the zip. */
  readonly path: string;
  /** On the disk. */
  readonly source: string;
  readonly kind: 'file' | 'dir' | 'link';
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  readonly target: string | null;
}

export interface Scan {
  readonly found: readonly Found[];
  readonly skipped: readonly Skipped[];
  readonly shared: readonly string[];
  readonly bytes: number;
}

export interface ScanOrder {
  readonly root: string;
  readonly release: string | null;
  readonly shared: readonly string[];
}

/**
 * In a release everything must be savable: a link that leaves it or a file that vanishes is an error. In shared data, which lives on while
 * we look, those are skipped and listed. Sockets, pipes and devices are always skipped and listed.
 */
export function scan(order: ScanOrder): Scan {
  const walk: Walk = { found: [], skipped: [], links: new Map() };
  if (order.release !== null) scanRelease(walk, order.release, new Set(order.shared));
  const shared = scanShared(walk, order);
  const version = lstatSync(join(order.root, VERSION), { throwIfNoEntry: false });
  if (version?.isFile()) add(walk, VERSION, join(order.root, VERSION), version);
  const found = keepInside(walk);
  refuseTwins(found);
  return { found, skipped: walk.skipped, shared, bytes: found.reduce((sum, { size }) => sum + size, 0) };
}

interface Walk {
  readonly found: Found[];
  readonly skipped: Skipped[];
  readonly links: Map<string, string>;
}

function scanRelease(walk: Walk, release: string, shared: ReadonlySet<string>): void {
  const stats = lstatSync(release, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) {
    throw new BotError({
      code: 'no-release',
      message: `There is no release folder ${release}.`,
      hint: 'Look at `status`: which release is live?',
    });
  }
  descend(walk, 'release', release, stats, (path, entry) => {
    const name = path.slice('release/'.length);
    return name === RESTORED || (entry.isSymbolicLink() && shared.has(name));
  });
}

function scanShared(walk: Walk, { root, shared }: ScanOrder): string[] {
  const base = join(root, 'shared');
  const present = [...new Set(shared)].sort().filter((name) => refuseOutside(base, name));
  const stats = lstatSync(base, { throwIfNoEntry: false });
  if (stats === undefined || present.length === 0) return present;
  add(walk, 'shared', base, lstatSync(`${base}/`));
  const parents = new Set<string>();
  for (const name of present) {
    const parent = parentOf(name);
    if (parent !== null) addParents(walk, base, parent, parents);
    const source = join(base, name);
    const found = lstatSync(source, { throwIfNoEntry: false });
    if (found !== undefined) descend(walk, `shared/${name}`, source, found, () => false);
  }
  return present;
}

// A declared name that is itself a link out of shared/ holds data this backup would not have: too much to skip in silence.
function refuseOutside(base: string, name: string): boolean {
  const defect = pathDefect(name);
  if (defect !== null)
    throw new BotError({
      code: 'bad-shared-name',
      message: `The shared name ${JSON.stringify(name)} ${defect}.`,
      hint: 'Correct `shared` in dhash.yml.',
    });
  const stats = lstatSync(join(base, name), { throwIfNoEntry: false });
  if (!stats?.isSymbolicLink()) return stats !== undefined;
  const path = `shared/${name}`;
  const target = readlinkSync(join(base, name));
  if (!leavesTree(path, new Map([[path, target]]))) return true;
  throw new BotError({
    code: 'shared-leaves-tree',
    message: `${join(base, name)} is a link to ${target}: a backup would not hold what is there.`,
    hint: `Move the data to ${join(base, name)}, or mount it there.`,
  });
}

function addParents(walk: Walk, base: string, parent: string, seen: Set<string>): void {
  if (seen.has(parent)) return;
  const above = parentOf(parent);
  if (above !== null) addParents(walk, base, above, seen);
  seen.add(parent);
  const stats = lstatSync(join(base, parent), { throwIfNoEntry: false });
  if (stats?.isDirectory()) add(walk, `shared/${parent}`, join(base, parent), stats);
}

function descend(walk: Walk, path: string, source: string, stats: Stats, isLeftOut: (path: string, entry: Dirent) => boolean): void {
  add(walk, path, source, stats);
  if (!stats.isDirectory()) return;
  for (const { name, entry } of children(walk, path, source)) {
    const childPath = `${path}/${name}`;
    if (isLeftOut(childPath, entry)) continue;
    // First of all: a name that is not UTF-8 cannot even be looked at, and would seem to have vanished.
    refuseName(childPath, join(source, name));
    const child = lstatSync(join(source, name), { throwIfNoEntry: false });
    if (child === undefined) vanished(walk.skipped, childPath);
    else descend(walk, childPath, join(source, name), child, isLeftOut);
  }
}

function children(walk: Walk, path: string, source: string): { readonly name: string; readonly entry: Dirent }[] {
  try {
    const entries = readdirSync(source, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, entry })).sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    vanished(walk.skipped, path);
    return [];
  }
}

function add(walk: Walk, path: string, source: string, stats: Stats): void {
  refuseName(path, source);
  const { mtimeMs, uid, gid } = stats;
  const common = { path, source, mode: stats.mode & 0o777, mtime: mtimeMs, uid, gid };
  if (stats.isDirectory()) walk.found.push({ ...common, kind: 'dir', size: 0, target: null });
  else if (stats.isFile()) walk.found.push({ ...common, kind: 'file', size: stats.size, target: null });
  else if (stats.isSymbolicLink()) addLink(walk, common);
  else walk.skipped.push({ path, why: 'neither file, folder nor link' });
  if (walk.found.length < MAX_ENTRIES) return;
  throw new BotError({
    code: 'too-many-entries',
    message: `There are more than ${MAX_ENTRIES} files and folders to back up (reached at ${source}).`,
    hint: 'Take caches out of the release and of `shared` in dhash.yml.',
  });
}

function addLink(walk: Walk, common: Omit<Found, 'kind' | 'size' | 'target'>): void {
  try {
    const target = readlinkSync(common.source);
    walk.links.set(common.path, target);
    walk.found.push({ ...common, kind: 'link', size: Buffer.byteLength(target), target });
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    vanished(walk.skipped, common.path);
  }
}

/** Gone since it was listed: normal in shared data, not in a release. */
export function vanished(skipped: Skipped[], path: string): void {
  if (path.startsWith('shared/')) {
    skipped.push({ path, why: 'vanished while the backup was made' });
    return;
  }
  throw new BotError({
    code: 'changed-while-reading',
    message: `${path} vanished or changed while the backup was made.`,
    hint: 'Something writes into the release folder: stop it, or keep what it writes in `shared`. Then try again.',
  });
}

function refuseName(path: string, source: string): void {
  // What is not UTF-8 on the disk comes with the replacement character, and could not be opened by this name again.
  const defect = path.includes('\uFFFD') ? 'is not valid UTF-8' : pathDefect(path);
  if (defect === null) return;
  throw new BotError({
    code: 'bad-name',
    message: `The name ${JSON.stringify(source)} ${defect}.`,
    hint: 'Rename or remove it, then try again.',
  });
}

function keepInside(walk: Walk): Found[] {
  return walk.found.filter(({ path, target }) => {
    if (target === null || !leavesTree(path, walk.links)) return true;
    if (path.startsWith('shared/')) {
      walk.skipped.push({ path, why: `link leaves shared: ${target}` });
      return false;
    }
    throw new BotError({
      code: 'link-leaves-release',
      message: `${path} links to ${target}, which is outside the release.`,
      hint: 'Make it a relative link inside the release, or declare it in `shared`.',
    });
  });
}

function refuseTwins(found: readonly Found[]): void {
  const seen = new Map<string, string>();
  for (const { path } of found) {
    const folded = foldPath(path);
    const twin = seen.get(folded);
    if (twin !== undefined) {
      throw new BotError({
        code: 'name-collision',
        message: `${twin} and ${path} differ only in case or Unicode form.`,
        hint: 'Rename or remove one of them, then try again.',
      });
    }
    seen.set(folded, path);
  }
}
