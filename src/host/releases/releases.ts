// The Releases port: unpacked versions under <root>/releases, each complete or not there at all.

import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Environment } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Clock, Commands, Releases } from '../../core/ports.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { isThere } from '../is-there.ts';
import { makeFolder } from '../make-folder.ts';
import { createArchiveSource } from './archive-source.ts';
import { changedInGit, newInGit } from './git-changes.ts';
import { createGitSource } from './git-source.ts';
import { mark, readMarkers } from './markers.ts';
import { readRelease, releaseName, writeRelease } from './releases-marker.ts';
import { prepareRoot } from './releases-prepare.ts';
import { linkSharedNames } from './releases-shared.ts';
import { assertTag, type ReleaseSource } from './source.ts';

interface Options {
  readonly commands: Commands;
  readonly clock: Pick<Clock, 'now'>;
  /** A shared name that neither <root>/shared nor the release has, and that cannot be made empty (`.env`, `x.json`): it is left out. */
  readonly onUnlinked: (missing: { readonly environment: string; readonly release: string; readonly name: string }) => void;
}

const TEMPORARY = '.tmp-';
const TRASH = `${TEMPORARY}trash-`;
const SYNC_TIMEOUT_MS = 120_000;

export function createReleases(options: Options): Releases {
  const { commands } = options;
  const sourceOf = ({ source }: Environment, by: Commands = commands): ReleaseSource =>
    source.kind === 'git' ? createGitSource(source.url, by) : createArchiveSource(source.path, by);

  return {
    resolve: async (environment, tag) => sourceOf(environment).resolve(tag),
    tags: async (environment) => sourceOf(environment).tags(),
    fetch: (fetch) => {
      const asking: Commands = { ...commands, run: (run) => commands.run({ ...run, mayBegin: fetch.mayBegin }) };
      return fetchRelease(fetch, sourceOf(fetch.environment, asking), { ...options, commands: asking });
    },
    linkShared: async (environment, release) => {
      const missing = await linkSharedNames({
        root: environment.root,
        names: environment.shared,
        release: ownRelease(environment, release),
      });
      for (const name of missing) options.onUnlinked({ environment: environment.name, release, name });
    },
    changedFiles: async ({ environment: { source }, ...changes }) =>
      source.kind === 'git' ? changedInGit(source.url, commands, changes) : null,
    newCommits: async ({ environment: { source }, ...between }) => (source.kind === 'git' ? newInGit(source.url, commands, between) : null),
    list: (environment) => listReleases(environment),
    remove: async (environment, release) => removeRelease(environment, ownRelease(environment, release)),
    markers: (environment) => readMarkers(environment.root),
    mark: async (environment, release, tag) => mark(environment.root, ownRelease(environment, release), tag),
    prepare: (environment) => prepareRoot(environment.root),
  };
}

async function fetchRelease(fetch: Parameters<Releases['fetch']>[0], source: ReleaseSource, { commands, clock }: Options): Promise<string> {
  const { environment, tag, commit, id, signal, onLine } = fetch;
  assertTag(tag);
  const releases = join(environment.root, 'releases');
  const release = join(releases, releaseName(tag, id));
  const key = `fetch-${environment.name}-${id}`;
  // A git or tar that outlived its worker would write into the folder that is made anew.
  await commands.fence(key);
  makeFolder(releases);
  const scratchName = `${TEMPORARY}${basename(release)}.`;
  for (const name of await readdir(releases)) {
    if (name.startsWith(scratchName)) await rm(join(releases, name), { recursive: true, force: true });
  }
  if (await isComplete(release, { tag, commit, id })) return release;

  // Of its own for each try: whoever lost the release to another worker clears away nothing of that one's.
  const scratch = join(releases, `${scratchName}${randomBytes(4).toString('hex')}`);
  makeFolder(scratch);
  try {
    const tree = await source.unpack({ tag, commit, scratch, signal, onLine, key });
    await writeRelease(tree, { tag, commit, id, createdAt: clock.now() });
    await commands.run({ argv: ['sync', '--file-system', '--', tree], cwd: '/', env: {}, timeoutMs: SYNC_TIMEOUT_MS, signal, onLine, key });
    await rename(tree, release);
    await syncFolder(releases);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return release;
}

async function isComplete(
  release: string,
  wanted: { readonly tag: string; readonly commit: string; readonly id: string },
): Promise<boolean> {
  if (!(await isThere(release))) return false;
  const found = await readRelease(release);
  if (found !== null && found.tag === wanted.tag && found.commit === wanted.commit && found.id === wanted.id) return true;
  throw new BotError({
    code: 'release-conflict',
    message: `${release} is there already and is not ${wanted.tag} at ${wanted.commit.slice(0, 19)}`,
    hint: `Look at it, then move it away: mv ${release} ${release}.old`,
  });
}

/** Absolute paths, newest first. */
async function listReleases({ root }: Environment): Promise<readonly string[]> {
  const folder = join(root, 'releases');
  const names = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const aged = await Promise.all(
    names
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ name }) => {
        const path = join(folder, name);
        const made = (await readRelease(path))?.createdAt ?? (await lstat(path)).mtimeMs;
        return { path, made };
      }),
  );
  return aged.sort((one, other) => other.made - one.made || (one.path < other.path ? 1 : -1)).map(({ path }) => path);
}

// Renamed first: what is half removed is never taken for a release.
async function removeRelease({ root }: Environment, release: string): Promise<void> {
  const { current } = await readMarkers(root);
  if (current === release) {
    throw new BotError({
      code: 'release-in-use',
      message: `${release} is the live release and is not removed`,
      hint: `See what is live: ls -l ${root}/current`,
    });
  }
  const folder = dirname(release);
  if (await isThere(release)) await rename(release, join(folder, `${TRASH}${basename(release)}`));
  for (const name of await readdir(folder)) {
    if (name.startsWith(TRASH)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The path, when it names something directly under <root>/releases; anything else is refused. */
function ownRelease({ root }: Environment, release: string): string {
  const path = resolve(root, release);
  if (dirname(path) === join(root, 'releases') && !basename(path).startsWith('.')) return path;
  throw new BotError({
    code: 'not-a-release',
    message: `${release} is not a release of ${root}`,
    hint: `Releases stand directly under ${root}/releases.`,
  });
}
