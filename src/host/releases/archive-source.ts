// Releases out of a folder of archives: `.../{tag}.zip` or `.tar.gz`. The commit of an archive is the hash of its bytes.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BotError } from '../../core/error.ts';
import type { Commands } from '../../core/ports.ts';
import { isTag } from '../../core/tag.ts';
import { errnoOf } from '../errno.ts';
import { hashFile } from '../hash-file.ts';
import { extractTar } from './archive-tar.ts';
import { extractZip } from './archive-zip.ts';
import { assertTag, type ReleaseSource, tagMoved, unknownTag } from './source.ts';
import { newestFirst } from './tag-order.ts';

const HOLE = '{tag}';

/** `template` is absolute and holds `{tag}` in a file or folder name. */
export function createArchiveSource(template: string, commands: Pick<Commands, 'run'>): ReleaseSource {
  const kind = kindOf(template);

  return {
    resolve: async (tag) => {
      assertTag(tag);
      await assertThere(template, tag);
      return hashOf(fill(template, tag));
    },
    tags: () => listTags(template),
    unpack: async ({ tag, commit, scratch, signal, onLine, key }) => {
      assertTag(tag);
      await assertThere(template, tag);
      // A copy is hashed while it is made and unpacked from there: whoever changes the original meanwhile changes nothing.
      const copy = join(scratch, 'archive');
      const found = await copyAndHash(fill(template, tag), copy, signal);
      if (found !== commit) throw tagMoved(tag, commit, found);
      const tree = join(scratch, 'tree');
      await mkdir(tree);
      if (kind === 'zip') await extractZip({ file: copy, into: tree, name: fill(template, tag), signal });
      else await extractTar({ file: copy, into: tree, name: fill(template, tag), signal, onLine, key, commands });
      return withoutWrapper(tree, tag);
    },
  };
}

function kindOf(template: string): 'zip' | 'tar' {
  const kind = template.endsWith('.zip') ? 'zip' : /\.(tar\.gz|tgz)$/.test(template) ? 'tar' : null;
  if (kind !== null && template.includes(HOLE)) return kind;
  throw new BotError({
    code: 'bad-source',
    message: `"${template}" names no archive: it must hold {tag} and end in .zip, .tar.gz or .tgz`,
    hint: 'Correct source.archive of the environment in dhash.yml, for example: "./artifacts/{tag}.zip"',
  });
}

function fill(template: string, tag: string): string {
  return template.replaceAll(HOLE, tag);
}

async function assertThere(template: string, tag: string): Promise<void> {
  const known = await listTags(template);
  if (!known.includes(tag)) throw unknownTag(tag, template, known);
}

/** The first folder or file name with {tag} is looked up in its parent; the rest of the path must then be there. */
async function listTags(template: string): Promise<readonly string[]> {
  const segments = template.split('/');
  const index = segments.findIndex((segment) => segment.includes(HOLE));
  const segment = segments[index] ?? '';
  const parent = segments.slice(0, index).join('/') || '/';
  const start = segment.indexOf(HOLE);
  const holes = segment.split(HOLE).length - 1;

  const found: string[] = [];
  for (const name of await namesIn(parent)) {
    const length = (name.length - segment.length) / holes + HOLE.length;
    const tag = name.slice(start, start + length);
    if (isTag(tag) && fill(segment, tag) === name && (await isFile(fill(template, tag)))) found.push(tag);
  }
  return found.sort(newestFirst);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw unreachable(folder, cause);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT' || errnoOf(cause) === 'ENOTDIR') return false;
    throw unreachable(path, cause);
  }
}

async function hashOf(path: string): Promise<string> {
  try {
    return `sha256:${await hashFile(path)}`;
  } catch (cause) {
    throw unreachable(path, cause);
  }
}

async function copyAndHash(from: string, to: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from), hashing, createWriteStream(to, { flags: 'wx' }), { signal });
  } catch (cause) {
    throw signal.aborted ? canceled(from, cause) : unreachable(from, cause);
  }
  return `sha256:${hash.digest('hex')}`;
}

// Hosting sites wrap a release in one folder, `mobius-2.1.0/`; what is in it is the release.
async function withoutWrapper(tree: string, tag: string): Promise<string> {
  const [only, ...others] = await readdir(tree, { withFileTypes: true });
  const isWrapper = only?.isDirectory() === true && others.length === 0 && only.name.endsWith(tag.slice(1));
  return isWrapper ? join(tree, only.name) : tree;
}

function canceled(from: string, cause: unknown): BotError {
  return new BotError({ code: 'command-canceled', message: `Copying ${from} was canceled`, hint: null, cause });
}

function unreachable(path: string, cause: unknown): BotError {
  const why = errnoOf(cause) ?? String(cause);
  return new BotError({
    code: why === 'ENOSPC' ? 'disk-full' : 'source-unreachable',
    message: `Cannot read ${path}: ${why}`,
    hint:
      why === 'ENOSPC'
        ? 'See what is full: df -h'
        : `Look at it as the bot's user: ls -la ${path}. The place is source.archive in dhash.yml.`,
    cause,
  });
}
