// `manifest.json`, the last entry of a backup: what was really written, entry by entry.

import type { BackupKind } from '../../core/backup.ts';
import { formatUtc, type Instant } from '../../core/time.ts';
import { broken } from './broken.ts';

export interface ManifestEntry {
  /** Inside the zip, without a trailing slash. */
  readonly path: string;
  readonly kind: 'file' | 'dir' | 'link';
  /** Bytes of content; for a link of its target, for a folder 0. */
  readonly size: number;
  /** Permission bits only. */
  readonly mode: number;
  /** Milliseconds since the epoch. */
  readonly mtime: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the content; of a link's target; of nothing for a folder. */
  readonly sha256: string;
  /** Where a link points; null for files and folders. */
  readonly target: string | null;
}

export interface Skipped {
  readonly path: string;
  readonly why: string;
}

export interface ManifestHead {
  readonly environment: string;
  readonly tag: string;
  readonly commit: string;
  readonly kind: BackupKind;
  readonly createdAt: Instant;
  /** Null for one that no job made, or that is older than this field. */
  readonly job: string | null;
  /** Names of the environment's shared files and folders that are in here. */
  readonly shared: readonly string[];
}

export interface Manifest extends ManifestHead {
  /** In the order of the zip, without the manifest itself. */
  readonly entries: readonly ManifestEntry[];
  readonly skipped: readonly Skipped[];
}

export function manifestText(manifest: Manifest): string {
  const { environment, tag, commit, kind, createdAt, job, shared, skipped, entries } = manifest;
  const created = formatUtc(createdAt);
  const head = JSON.stringify({ schema: 1, environment, tag, commit, kind, created, createdAt, job, shared, skipped });
  // One line an entry: people grep in it.
  const lines = entries.map((entry) => JSON.stringify(entry));
  return `${head.slice(0, -1)},"entries":[\n${lines.join(',\n')}\n]}\n`;
}

/** Throws `broken` for anything that `manifestText` cannot have written. */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text);
  if (!isRecord(value) || value['schema'] !== 1) throw broken('manifest-form', 'manifest.json is not of schema 1.');
  const { entries, skipped } = value;
  if (!isHead(value) || !Array.isArray(entries) || !Array.isArray(skipped) || !skipped.every(isSkipped)) {
    throw broken('manifest-form', 'manifest.json lacks tag, commit, date or entries.');
  }
  const odd = entries.findIndex((entry) => !isEntry(entry));
  if (odd !== -1) throw broken('manifest-form', `manifest.json: entry ${odd} is not a file, folder or link with size, mode and sha256.`);
  return { ...headOf(value), entries, skipped };
}

type Written = Omit<ManifestHead, 'job'> & Partial<ManifestHead>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw broken('manifest-form', 'manifest.json is not JSON.', error);
  }
}

function headOf({ environment, tag, commit, kind, createdAt, job = null, shared }: Written): ManifestHead {
  return { environment, tag, commit, kind, createdAt, job, shared };
}

function isHead(value: Record<string, unknown>): value is Record<string, unknown> & Written {
  const { environment, tag, commit, kind, createdAt, job = null, shared } = value;
  const texts = [environment, tag, commit, kind, ...(Array.isArray(shared) ? shared : [null])];
  const kinds: readonly unknown[] = ['manual', 'nightly', 'pre-deploy', 'safety'] satisfies BackupKind[];
  if (job !== null && typeof job !== 'string') return false;
  return texts.every((text) => typeof text === 'string') && kinds.includes(kind) && Number.isSafeInteger(createdAt);
}

function isEntry(value: unknown): value is ManifestEntry {
  if (!isRecord(value)) return false;
  const { path, kind, size, mode, mtime, uid, gid, sha256, target } = value;
  if (typeof path !== 'string' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return false;
  if (![size, mode, uid, gid].every((number) => Number.isSafeInteger(number) && Number(number) >= 0)) return false;
  if (typeof mtime !== 'number' || !Number.isFinite(mtime) || Number(mode) > 0o777) return false;
  return kind === 'link' ? typeof target === 'string' : (kind === 'file' || kind === 'dir') && target === null;
}

function isSkipped(value: unknown): value is Skipped {
  return isRecord(value) && typeof value['path'] === 'string' && typeof value['why'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
