// Unpacks a .tar.gz that nobody vouches for, with the system's tar: its list is looked at first, and what came out of it afterwards.

import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import type { Argv } from '../../core/config.ts';
import { BotError } from '../../core/error.ts';
import type { Commands } from '../../core/ports.ts';
import { errnoOf } from '../errno.ts';
import { badArchive, badName, createTally, limitsFor } from './archive-limits.ts';

interface Extract {
  readonly file: string;
  /** An empty folder. */
  readonly into: string;
  /** How the archive is called in messages. */
  readonly name: string;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  readonly key: string;
  readonly commands: Pick<Commands, 'run'>;
}

const TIMEOUT_MS = 600_000;

/** BotError `bad-archive` for one that is broken, too large, or holds devices or links that leave the release. */
export async function extractTar(extract: Extract): Promise<void> {
  const { file, into, name, onLine } = extract;
  const tally = createTally(name, await limitsFor(file, into));
  const stop = new AbortController();
  let problem: BotError | null = null;

  const look = (line: string): void => {
    // Warnings come in between; an error of tar ends it with a code of its own.
    if (problem !== null || /^(tar|gzip): /.test(line)) return;
    problem = problemOf(line, name, tally);
    if (problem !== null) stop.abort();
  };
  await run(extract, listTar(file), look, AbortSignal.any([extract.signal, stop.signal])).catch((error: unknown) => {
    throw problem ?? error;
  });
  if (problem !== null) throw problem;
  await run(extract, unpackTar(file, into), onLine, extract.signal);
  await assertLinksStay(into, name);
}

function listTar(file: string): Argv {
  return ['tar', '--list', '--verbose', '--gzip', '--numeric-owner', '--quoting-style=escape', '--absolute-names', `--file=${file}`];
}

function unpackTar(file: string, into: string): Argv {
  return [
    'tar',
    '--extract',
    '--gzip',
    '--no-same-owner',
    '--no-same-permissions',
    '--delay-directory-restore',
    `--directory=${into}`,
    `--file=${file}`,
  ];
}

async function run({ commands, key, name, into }: Extract, argv: Argv, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  try {
    await commands.run({ argv, cwd: into, env: { LC_ALL: 'C.UTF-8' }, timeoutMs: TIMEOUT_MS, signal, onLine, key });
  } catch (error) {
    if (!(error instanceof BotError) || error.code !== 'command-failed') throw error;
    throw badArchive(name, error.tail.at(-1) ?? error.message, error);
  }
}

function problemOf(line: string, name: string, tally: ReturnType<typeof createTally>): BotError | null {
  const entry = parseLine(line);
  if (entry === null) return badArchive(name, `tar says: ${line.slice(0, 300)}`);
  const why = badEntry(entry);
  if (why !== null) return badArchive(name, `"${entry.name.slice(0, 200)}" is ${why}`);
  try {
    if (entry.name !== '') tally.add(entry.name, entry.bytes);
  } catch (error) {
    if (error instanceof BotError) return error;
    throw error;
  }
  return null;
}

interface TarEntry {
  /** As tar prints it: `-`, `d`, `l` (symbolic link), `h` (hard link), or something that no release holds. */
  readonly type: string;
  readonly bytes: number;
  /** Relative, without `./` in front; empty for the folder itself. */
  readonly name: string;
  readonly target: string | null;
}

/** `-rw-r--r-- 0/0  12 2026-11-23 12:00 ./a b`; links have ` -> target` or ` link to target` behind. */
export function parseLine(line: string): TarEntry | null {
  const match = /^([a-zA-Z-])[-rwxsStT]{9} \d+\/\d+ +(\d+) \d{4}-\d\d-\d\d \d\d:\d\d (.*)$/.exec(line);
  if (match === null) return null;
  const [, type = '', bytes = '', rest = ''] = match;
  const between = type === 'l' ? ' -> ' : type === 'h' ? ' link to ' : null;
  const parts = between === null ? [rest] : rest.split(between);
  // A name that holds the arrow itself could hide the true target.
  if (parts.length !== (between === null ? 1 : 2)) return null;
  const [name = '', target = null] = parts;
  return { type, bytes: Number(bytes), name: name.replace(/^(\.\/+)+/, '').replace(/^\.$/, ''), target };
}

function badEntry({ type, name, target }: TarEntry): string | null {
  if (!['-', 'd', 'l', 'h'].includes(type)) return 'neither a file, a folder nor a link';
  if (name === '') return type === 'd' ? null : 'a file without a name';
  // tar escapes what is not plain; such names do not belong in a release.
  const bad = badName(name);
  if (bad !== null || target === null) return bad;
  const from = type === 'l' ? dirname(name) : '.';
  return isOutside(target, from) ? `a link that leaves the release (to ${target.slice(0, 200)})` : null;
}

function isOutside(target: string, from: string): boolean {
  const path = normalize(join(from, target));
  return target.startsWith('/') || target === '' || path === '..' || path.startsWith('../');
}

// Links can be chained so that each looks fine by itself; where they really lead is only seen on the disk.
async function assertLinksStay(tree: string, name: string): Promise<void> {
  const top = await realpath(tree);
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const where = entry.isSymbolicLink() ? await realOrNull(path) : '';
    if (where !== null && where !== top && !where.startsWith(top + sep)) throw badArchive(name, `"${entry.name}" leads out of the release`);
  }
}

// A link to nothing leads nowhere.
async function realOrNull(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ELOOP') return null;
    throw error;
  }
}
