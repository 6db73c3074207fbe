// The sample service's git repository: built from demo/service at run time, the same commits every time.

import { execFile } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BotError } from '../src/core/error.ts';

const SOURCES = fileURLToPath(new URL('service/', import.meta.url));

interface Release {
  readonly tag: string;
  /** The release whose files it starts from; null = none. */
  readonly on: string | null;
  readonly subject: string;
  /** Git's own form: seconds and zone. */
  readonly date: string;
  readonly branch: string;
}

/** In order; each one's folder in demo/service is laid over the release it is built on. */
export const RELEASES: readonly Release[] = [
  { tag: 'v2.0.0', on: null, subject: 'Hash pictures', date: '1790000000 +0000', branch: 'main' },
  { tag: 'v2.0.1', on: 'v2.0.0', subject: 'Wait for the index before answering', date: '1790100000 +0000', branch: 'hotfix/v2.0.1' },
  { tag: 'v2.1.0', on: 'v2.0.0', subject: 'Compare hashes, hash faster', date: '1791000000 +0000', branch: 'main' },
  { tag: 'v2.1.1', on: 'v2.1.0', subject: 'Trace requests', date: '1791100000 +0000', branch: 'hotfix/v2.1.1' },
  { tag: 'v2.2.0', on: 'v2.1.0', subject: 'Name the most similar picture', date: '1792000000 +0000', branch: 'main' },
];

/** Makes `<dir>/dhash.git` (bare, with annotated tags) anew and answers its path. Needs git on PATH; reads nobody's git config. */
export async function createRepository(dir: string): Promise<string> {
  const repository = join(dir, 'dhash.git');
  const work = join(dir, 'dhash.tmp');
  await rm(repository, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await git(['init', '--quiet', '--bare', '--template=', '--object-format=sha1', '--initial-branch=main', repository], {});
  const commits = new Map<string, string>();
  for (const release of RELEASES) {
    await layFiles(release, work);
    commits.set(release.tag, await commit(repository, work, release, commits));
  }
  await bringHotfixesBack(repository, commits);
  await rm(work, { recursive: true, force: true });
  await rm(join(repository, 'index'), { force: true });
  return repository;
}

/** Every tag is then on the protected branch, as after any hotfix; the files stay those of the newest release. */
async function bringHotfixesBack(repository: string, commits: ReadonlyMap<string, string>): Promise<void> {
  const newest = commits.get('v2.2.0') ?? '';
  const parents = RELEASES.filter(({ branch }) => branch !== 'main').flatMap(({ tag }) => ['-p', commits.get(tag) ?? '']);
  const at = `--git-dir=${repository}`;
  const words = [at, 'commit-tree', `${newest}^{tree}`, '-p', newest, ...parents, '-m', 'Bring the hotfixes back'];
  const id = await git(words, identity('1792100000 +0000'));
  await git([at, 'update-ref', 'refs/heads/main', id], {});
}

async function layFiles(release: Release, work: string): Promise<void> {
  await rm(work, { recursive: true, force: true });
  const layers: string[] = [];
  for (let at: string | null = release.tag; at !== null; at = baseOf(at)) layers.unshift(at);
  for (const layer of layers) await cp(join(SOURCES, layer), work, { recursive: true });
}

function baseOf(tag: string): string | null {
  return RELEASES.find((release) => release.tag === tag)?.on ?? null;
}

async function commit(repository: string, work: string, release: Release, commits: ReadonlyMap<string, string>): Promise<string> {
  const env = identity(release.date);
  const at = [`--git-dir=${repository}`, `--work-tree=${work}`];
  const parent = release.on === null ? null : commits.get(release.on);
  await git([...at, 'add', '--all', '--force', '.'], env);
  const tree = await git([...at, 'write-tree'], env);
  const id = await git([...at, 'commit-tree', tree, ...(parent == null ? [] : ['-p', parent]), '-m', release.subject], env);
  await git([...at, 'update-ref', `refs/heads/${release.branch}`, id], env);
  await git([...at, 'tag', '--annotate', release.tag, id, '-m', `${release.tag}: ${release.subject}`], env);
  return id;
}

function identity(date: string): Readonly<Record<string, string>> {
  const author = { NAME: 'MOBIUS demo', EMAIL: 'demo@mobius.example', DATE: date };
  return Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => Object.entries(author).map(([what, value]) => [`GIT_${who}_${what}`, value])),
  );
}

/** Only these settings and PATH reach git: no user's config, hooks or signing keys. */
async function git(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const clean = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  const all = ['-c', 'core.autocrlf=false', '-c', 'core.fileMode=false', ...args];
  try {
    const { stdout } = await promisify(execFile)('git', all, { env: { PATH: path(), ...clean, ...env } });
    return stdout.trim();
  } catch (error) {
    throw gitFailure(args, error);
  }
}

function gitFailure(args: readonly string[], cause: unknown): BotError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return new BotError({
    code: missing ? 'command-not-found' : 'command-failed',
    message: `The demo's repository could not be made: git ${args.join(' ')} failed.`,
    hint: missing ? 'Install git, e.g. apt-get install git.' : 'Look at the cause; git 2.29 or newer is needed.',
    cause,
  });
}

// biome-ignore lint/style/noProcessEnv: git is found as the shell that started the demo finds it
const path = () => process.env['PATH'] ?? '/usr/bin:/bin';
