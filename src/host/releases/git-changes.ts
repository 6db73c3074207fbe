// Which files differ between two releases of a git repository: both tags fetched without their files' contents, their trees compared.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from '../../core/config.ts';
import type { Commands } from '../../core/ports.ts';
import { GIT, gitRun, initBare, revParse } from './git-source.ts';
import { assertTag, type Release, tagMoved } from './source.ts';

export interface Changes {
  readonly from: Release;
  readonly to: Release;
  /** A folder of the repository. */
  readonly under: string;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 25_000;
let asked = 0;

export async function changedInGit(
  url: string,
  commands: Pick<Commands, 'run'>,
  { from, to, under, signal }: Changes,
): Promise<readonly string[]> {
  for (const { tag } of [from, to]) assertTag(tag);
  if (from.commit === to.commit) return [];
  asked += 1;
  const key = `git-changes-${process.pid}-${asked}`;
  const scratch = await mkdtemp(join(tmpdir(), 'dhash-changes-'));
  const gitDir = join(scratch, 'git');
  const ask = async (argv: Argv): Promise<readonly string[]> => {
    const lines: string[] = [];
    await commands.run(gitRun({ argv, key, signal, timeoutMs: TIMEOUT_MS, onLine: (line) => lines.push(line) }));
    return lines;
  };
  try {
    await ask(initBare(gitDir, to.commit));
    await ask(fetchTrees(gitDir, url, [from.tag, to.tag]));
    for (const { tag, commit } of [from, to]) {
      const [found = ''] = await ask(revParse(gitDir, tag));
      if (found !== commit) throw tagMoved(tag, commit, found);
    }
    const lines = await ask(diffNames(gitDir, from.commit, to.commit, under));
    // git's own remarks come in between, and it quotes a name that holds a control character or a quote.
    return lines.filter((line) => line.startsWith(`${under}/`) || line.startsWith(`"${under}/`));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function fetchTrees(gitDir: string, url: string, tags: readonly string[]): Argv {
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--depth=1', '--filter=blob:none'];
  const refs = tags.map((tag) => `+refs/tags/${tag}:refs/tags/${tag}`);
  return [...GIT, `--git-dir=${gitDir}`, 'fetch', ...options, '--end-of-options', url, ...refs];
}

export function diffNames(gitDir: string, from: string, to: string, under: string): Argv {
  return [
    ...GIT,
    '-c',
    'core.quotePath=false',
    `--git-dir=${gitDir}`,
    'diff-tree',
    '-r',
    '--no-renames',
    '--name-only',
    from,
    to,
    '--',
    under,
  ];
}
