// What is between two releases of a git repository: both tags fetched without their files' contents, and compared.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argv } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Commands, NewCommits } from '../../core/ports.ts';
import { GIT, gitRun, initBare, revParse } from './git-source.ts';
import { assertTag, type Release, tagMoved } from './source.ts';

export interface Between {
  readonly from: Release;
  readonly to: Release;
  readonly signal: AbortSignal;
}

type Ask = (...words: Argv) => Promise<readonly string[]>;

const TIMEOUT_MS = 25_000;
const SHOWN_COMMITS = 5;
const SUBJECT = 'subject:';
const LONGEST_SUBJECT = 120;
/** One commit a tag, with the names of its files. */
const TREES: Argv = ['--depth=1', '--filter=blob:none'];
/** Every commit behind a tag, and nothing of its files. */
const HISTORY: Argv = ['--filter=tree:0'];
let asked = 0;

/** `under`: a folder of the repository. */
export async function changedInGit(
  url: string,
  commands: Pick<Commands, 'run'>,
  { under, ...between }: Between & { readonly under: string },
): Promise<readonly string[]> {
  const { from, to } = between;
  if (from.commit === to.commit) return [];
  return inBoth(url, commands, between, TREES, async (ask) => {
    const names = ['diff-tree', '-r', '--no-renames', '--name-only', from.commit, to.commit, '--', under];
    const lines = await ask('-c', 'core.quotePath=false', ...names);
    // git's own remarks come in between, and it quotes a name that holds a control character or a quote.
    return lines.filter((line) => line.startsWith(`${under}/`) || line.startsWith(`"${under}/`));
  });
}

export async function newInGit(url: string, commands: Pick<Commands, 'run'>, between: Between): Promise<NewCommits> {
  const { from, to } = between;
  if (from.commit === to.commit) return { count: 0, missing: 0, subjects: [] };
  return inBoth(url, commands, between, HISTORY, async (ask) => {
    const counted = await ask('rev-list', '--left-right', '--count', `${from.commit}...${to.commit}`, '--');
    const [, missing, count] = counted.map((line) => /^(\d+)\s+(\d+)$/.exec(line)).find((found) => found !== null) ?? [];
    if (missing === undefined || count === undefined)
      throw new BotError({ code: 'history-unreadable', message: `git does not count from ${from.tag} to ${to.tag}`, hint: null });
    const newest = `--max-count=${SHOWN_COMMITS}`;
    const told = await ask('rev-list', newest, `--format=${SUBJECT}%s`, `${from.commit}..${to.commit}`, '--');
    const subjects = told.filter((line) => line.startsWith(SUBJECT)).slice(0, SHOWN_COMMITS);
    return { count: Number(count), missing: Number(missing), subjects: subjects.map((line) => short(line.slice(SUBJECT.length).trim())) };
  });
}

function short(subject: string): string {
  return subject.length > LONGEST_SUBJECT ? `${subject.slice(0, LONGEST_SUBJECT - 1).toWellFormed()}…` : subject;
}

/** `look` in a scratch repository that has both tags, each still the commit it was. */
async function inBoth<T>(
  url: string,
  commands: Pick<Commands, 'run'>,
  { from, to, signal }: Between,
  what: Argv,
  look: (ask: Ask) => Promise<T>,
): Promise<T> {
  for (const { tag } of [from, to]) assertTag(tag);
  asked += 1;
  const key = `git-changes-${process.pid}-${asked}`;
  const scratch = await mkdtemp(join(tmpdir(), 'dhash-changes-'));
  const gitDir = join(scratch, 'git');
  const run = async (argv: Argv): Promise<readonly string[]> => {
    const lines: string[] = [];
    await commands.run(gitRun({ argv, key, signal, timeoutMs: TIMEOUT_MS, onLine: (line) => lines.push(line) }));
    return lines;
  };
  const ask: Ask = (...words) => run([...GIT, `--git-dir=${gitDir}`, ...words]);
  try {
    await run(initBare(gitDir, to.commit));
    await ask(...fetchTags(url, [from.tag, to.tag], what));
    for (const { tag, commit } of [from, to]) {
      const [found = ''] = await run(revParse(gitDir, tag));
      if (found !== commit) throw tagMoved(tag, commit, found);
    }
    return await look(ask);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// By a name: git believes what a filter left out only of a remote that has one, and an absolute path is none.
function fetchTags(url: string, tags: readonly string[], what: Argv): Argv {
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', ...what];
  const refs = tags.map((tag) => `+refs/tags/${tag}:refs/tags/${tag}`);
  return ['-c', `remote.source.url=${url}`, 'fetch', ...options, '--end-of-options', 'source', ...refs];
}
