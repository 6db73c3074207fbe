// A root folder of an environment in a fresh temporary folder, with the real port on it.

import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BackupMade, Backups } from '../../../src/core/backup.ts';
import type { Environment } from '../../../src/core/config.ts';
import { createBackups } from '../../../src/host/backup/backups.ts';
import { verify } from '../../../src/host/backup/verify.ts';
import { environmentAt } from './environment-at.ts';

export const NOON = Date.UTC(2026, 10, 23, 12);
export const SIGNAL = new AbortController().signal;
/** The file name that raw backups are sealed under. */
export const FILE = 'dhash_20261123_120000_v1.0.0.zip';

export interface World {
  readonly root: string;
  readonly release: string;
  readonly environment: Environment;
  readonly backups: Backups;
  readonly warnings: Readonly<Record<string, unknown>>[];
  readonly write: (path: string, content: string | Buffer, mode?: number) => void;
  readonly create: (more?: Partial<Parameters<Backups['create']>[0]>) => Promise<BackupMade>;
  /** Puts a zip with a fitting seal into backups/ and answers what full verification says: a code, or `verified`. */
  readonly judge: (zip: Buffer) => Promise<string>;
  readonly seal: (zip: Buffer, file?: string) => void;
}

export function world(options: { readonly shared?: readonly string[]; readonly freeBytes?: number } = {}): World {
  const root = mkdtempSync(join(tmpdir(), 'dhash-backup-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const release = join(root, 'releases/v1.0.0-d-1');
  for (const folder of [release, join(root, 'shared'), join(root, 'backups')]) mkdirSync(folder, { recursive: true });
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const log = { info: () => undefined, warn: (facts: Readonly<Record<string, unknown>>) => void warnings.push(facts) };
  const backups = createBackups({ freeBytes: async () => options.freeBytes ?? 1e12, log });
  const environment = environmentAt(root, options.shared ?? ['data', '.env']);
  const seal = (zip: Buffer, file = FILE) => {
    writeFileSync(join(root, 'backups', file), zip);
    writeFileSync(join(root, 'backups', `${file}.sha256`), `${createHash('sha256').update(zip).digest('hex')}  backups/${file}\n`);
  };

  return {
    ...{ root, release, environment, backups, warnings, seal },
    write: (path, content, mode = 0o644) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content, { mode });
    },
    create: (more = {}) =>
      backups.create({ environment, release, tag: 'v1.0.0', commit: 'abc', kind: 'manual', at: NOON, signal: SIGNAL, ...more }),
    judge: async (zip) => {
      seal(zip);
      // In this process: one for each of hundreds of cases would take the time.
      const found = await verify({ root, environment: environment.name, file: FILE, depth: 'full' });
      return found.kind === 'broken' ? found.code : found.kind;
    },
  };
}

/** Path -> what is there, as one line each: what two equal trees have equal. */
export function treeOf(folder: string, below = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = join(below, name);
    const stats = lstatSync(join(folder, path));
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stats.isDirectory()) Object.assign(tree, { [path]: `folder ${mode}` }, treeOf(folder, path));
    else
      tree[path] = `${mode} ${Math.floor(stats.mtimeMs)} ${createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex')}`;
  }
  return tree;
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
