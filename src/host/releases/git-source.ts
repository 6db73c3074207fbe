// Releases out of a git repository: any address git understands, read by the git program.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Commands } from '../../core/ports.ts';
import { isTag } from '../../core/tag.ts';
import type { DurationMs } from '../../core/time.ts';
import { createRedactor } from '../redact.ts';
import { assertTag, type ReleaseSource, tagMoved, type Unpack, unknownTag } from './source.ts';
import { newestFirst } from './tag-order.ts';

const ASK_TIMEOUT_MS = 30_000;
const FETCH_TIMEOUT_MS = 600_000;

// Never runs a hook, never follows a redirect: the password and the headers that are meant for the source go to nobody else.
export const GIT: Argv = [
  'git',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.autocrlf=false',
  '-c',
  'core.symlinks=true',
  '-c',
  'submodule.recurse=false',
  '-c',
  'http.followRedirects=false',
  '-c',
  'maintenance.auto=false',
  '-c',
  'http.lowSpeedLimit=1',
  '-c',
  'http.lowSpeedTime=60',
];
const GIT_ENV = {
  // No transport that is a program of its own, whatever the configuration of the bot's user allows.
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  // Nobody is there to be asked.
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '',
  GCM_INTERACTIVE: 'never',
  // English messages, so that the probable cause is found.
  LC_ALL: 'C',
};

export function createGitSource(url: string, commands: Pick<Commands, 'run'>): ReleaseSource {
  const where = createRedactor([])(url);

  const tags = async (only: string | null = null): Promise<ReadonlyMap<string, string>> => {
    assertUrl(url, where);
    const lines: string[] = [];
    try {
      await commands.run(
        gitRun({ argv: lsRemote(url, only), key: askKey(), timeoutMs: ASK_TIMEOUT_MS, onLine: (line) => lines.push(line) }),
      );
    } catch (error) {
      throw unreachable(where, error);
    }
    return parseTags(lines);
  };

  return {
    resolve: async (tag) => {
      assertTag(tag);
      const commit = (await tags(tag)).get(tag);
      if (commit === undefined) throw unknownTag(tag, where, sorted(await tags()));
      return commit;
    },
    tags: async () => sorted(await tags()),
    unpack: async (unpack) => {
      assertTag(unpack.tag);
      assertUrl(url, where);
      const gitDir = join(unpack.scratch, 'git');
      const tree = join(unpack.scratch, 'tree');
      await mkdir(tree);
      await inGit(commands, unpack, initBare(gitDir, unpack.commit));
      await fetchTag(commands, unpack, url, gitDir).catch(async (error: unknown) => {
        // Told apart by looking again: was the tag taken away, or is the source out of reach?
        if (isCanceled(error)) throw error;
        const isThere = (await tags(unpack.tag)).has(unpack.tag);
        throw isThere ? unreachable(where, error) : unknownTag(unpack.tag, where, sorted(await tags()));
      });
      const [found = ''] = (await inGit(commands, unpack, revParse(gitDir, unpack.tag))).lastLines;
      if (found !== unpack.commit) throw tagMoved(unpack.tag, unpack.commit, found);
      await inGit(commands, unpack, checkout(gitDir, tree, unpack.commit));
      return tree;
    },
  };
}

/** `only`: git itself picks the one tag by its bytes. In a list of all, names with invisible characters have lost these and may look like others. */
export function lsRemote(url: string, only: string | null): Argv {
  const refs = only === null ? [] : [`refs/tags/${only}`, `refs/tags/${only}^{}`];
  return [...GIT, 'ls-remote', '--tags', '--quiet', '--end-of-options', url, ...refs];
}

export function initBare(gitDir: string, commit: string): Argv {
  const format = commit.length === 64 ? ['--object-format=sha256'] : [];
  return [...GIT, 'init', '--quiet', '--bare', '--template=', ...format, '--', gitDir];
}

/** Asks for the tag, not for the commit: few servers hand out a commit by its id. `depth` false = the whole history. */
function fetchRef(gitDir: string, url: string, tag: string, depth: boolean): Argv {
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', ...(depth ? ['--depth=1'] : [])];
  return [...GIT, `--git-dir=${gitDir}`, 'fetch', ...options, '--end-of-options', url, `+refs/tags/${tag}:refs/tags/${tag}`];
}

export function revParse(gitDir: string, tag: string): Argv {
  return [...GIT, `--git-dir=${gitDir}`, 'rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`];
}

export function checkout(gitDir: string, tree: string, commit: string): Argv {
  return [...GIT, `--git-dir=${gitDir}`, `--work-tree=${tree}`, 'checkout', '--quiet', '--force', '--detach', commit, '--'];
}

/** Lines of ls-remote -> tag -> commit; an annotated tag's own id gives way to the commit it points at (`^{}`). */
export function parseTags(lines: readonly string[]): ReadonlyMap<string, string> {
  const commits = new Map<string, string>();
  for (const line of lines) {
    const [, id = '', tag = '', peeled] = /^([0-9a-f]{40}|[0-9a-f]{64})\s+refs\/tags\/(\S+?)(\^\{\})?$/.exec(line) ?? [];
    if (isTag(tag) && (peeled !== undefined || !commits.has(tag))) commits.set(tag, id);
  }
  return commits;
}

// An old web server that only hands out files knows no shallow fetch; there the whole history is the only way.
async function fetchTag(commands: Pick<Commands, 'run'>, unpack: Unpack, url: string, gitDir: string): Promise<void> {
  try {
    await inGit(commands, unpack, fetchRef(gitDir, url, unpack.tag, true));
  } catch (error) {
    if (!/^https?:/i.test(url) || isCanceled(error)) throw error;
    await inGit(commands, unpack, fetchRef(gitDir, url, unpack.tag, false));
  }
}

function inGit(commands: Pick<Commands, 'run'>, { signal, onLine, key }: Unpack, argv: Argv) {
  return commands.run(gitRun({ argv, signal, onLine, key, timeoutMs: FETCH_TIMEOUT_MS }));
}

// Outside any repository, so that no repository's own configuration plays a part.
export function gitRun(run: {
  readonly argv: Argv;
  readonly key: string;
  readonly timeoutMs: DurationMs;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}) {
  return { cwd: '/', env: GIT_ENV, signal: new AbortController().signal, ...run };
}

let asked = 0;

function askKey(): string {
  asked += 1;
  return `git-tags-${process.pid}-${asked}`;
}

function sorted(tags: ReadonlyMap<string, string>): readonly string[] {
  return [...tags.keys()].sort(newestFirst);
}

function assertUrl(url: string, where: string): void {
  if (!url.startsWith('-') && url !== '') return;
  throw new BotError({
    code: 'source-unreachable',
    message: `"${where}" is no address of a repository`,
    hint: 'Check source.git of the environment in dhash.yml.',
  });
}

function isCanceled(error: unknown): boolean {
  return error instanceof BotError && error.code === 'command-canceled';
}

/** Only what git itself ended with says something about the source. */
function unreachable(where: string, error: unknown): BotError {
  if (!(error instanceof BotError) || isCanceled(error) || error.code === 'run-record-not-written') throw error;
  return new BotError({
    code: 'source-unreachable',
    message: `Cannot read the git source ${where}: ${error.code === 'command-timed-out' ? `no answer within ${ASK_TIMEOUT_MS / 1_000}s` : (error.tail.at(-1) ?? error.message)}`,
    hint: error.hint ?? `Try it as the bot's user: git ls-remote --tags ${where}`,
    cause: error,
    tail: error.tail,
  });
}
