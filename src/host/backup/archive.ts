// An opened backup: its directory and manifest, found to agree with each other and with the limits. No content was read yet.

import { hash } from 'node:crypto';
import zlib from 'node:zlib';
import { errnoOf } from '../errno.ts';
import { broken } from './broken.ts';
import { MANIFEST, MAX_ENTRY_RATIO, MAX_MANIFEST_BYTES, MAX_TOTAL_RATIO } from './limits.ts';
import { leavesTree } from './links.ts';
import { type Manifest, type ManifestEntry, parseManifest } from './manifest.ts';
import { foldPath, isKnownPlace, parentOf, pathDefect } from './paths.ts';
import { extentOf, readAt, readDirectory } from './zip-directory.ts';
import { dataDescriptor, localHeader, type ZipEntry } from './zip-format.ts';

export interface Archive {
  readonly fd: number;
  readonly size: number;
  readonly manifest: Manifest;
  /** Beside each other: the zip's record and the manifest's, in the order of the file. */
  readonly items: readonly ArchiveItem[];
  /** Everything after the items, as it was read: the manifest's entry, the directory, the end. */
  readonly rest: Buffer;
}

export interface ArchiveItem {
  readonly zip: ZipEntry;
  readonly entry: ManifestEntry;
}

const KINDS: ReadonlyMap<number, ManifestEntry['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'dir'],
  [0o120000, 'link'],
]);

/** Throws `broken` with what is wrong. `fd` stays open and is read only by position. */
export function openArchive(fd: number, size: number): Archive {
  const directory = readDirectory(fd, size);
  refuseBombs(directory.entries, size);
  refuseBadNames(directory.entries);
  const last = directory.entries.at(-1);
  if (last?.name !== MANIFEST) throw broken('manifest-missing', `Its last entry is not ${MANIFEST}.`);
  const raw = readAt(fd, last.offset, extentOf(last));
  const manifest = parseManifest(readManifest(last, raw));
  const items = pair(directory.entries.slice(0, -1), manifest.entries);
  refuseEscapes(manifest.entries);
  return { fd, size, manifest, items, rest: Buffer.concat([raw, directory.bytes]) };
}

function refuseBombs(entries: readonly ZipEntry[], size: number): void {
  let total = 0;
  for (const entry of entries) {
    total += entry.size;
    if (entry.size <= entry.compressed * MAX_ENTRY_RATIO) continue;
    throw broken(
      'bomb',
      `${JSON.stringify(entry.name)} would grow from ${entry.compressed} to ${entry.size} bytes, more than ${MAX_ENTRY_RATIO} times.`,
    );
  }
  if (total <= size * MAX_TOTAL_RATIO) return;
  throw broken('bomb', `It would grow from ${size} to ${total} bytes, more than ${MAX_TOTAL_RATIO} times.`);
}

function refuseBadNames(entries: readonly ZipEntry[]): void {
  const seen = new Map<string, string>();
  const folders = new Set<string>();
  for (const zip of entries) {
    const path = zip.name.replace(/\/$/, '');
    const defect = pathDefect(path);
    if (defect !== null) throw broken('bad-name', `The name ${JSON.stringify(zip.name)} ${defect}.`);
    if (!isKnownPlace(path)) throw broken('unexpected-entry', `${JSON.stringify(zip.name)} is in none of the places a backup has.`);
    const twin = seen.get(foldPath(path));
    if (twin !== undefined) throw broken('duplicate', `${JSON.stringify(twin)} and ${JSON.stringify(zip.name)} are one name.`);
    seen.set(foldPath(path), zip.name);
    refuseBadKind(zip);
    const parent = parentOf(path);
    if (parent !== null && !folders.has(parent))
      throw broken('bad-parent', `${JSON.stringify(zip.name)} is not below a folder of the backup.`);
    if (zip.name.endsWith('/')) folders.add(path);
  }
}

function refuseBadKind(zip: ZipEntry): void {
  const kind = kindOf(zip);
  if (kind === null)
    throw broken('bad-kind', `${JSON.stringify(zip.name)} is neither file, folder nor link (mode ${zip.mode.toString(8)}).`);
  if ((zip.mode & 0o7000) !== 0)
    throw broken('bad-kind', `${JSON.stringify(zip.name)} has special permission bits (mode ${zip.mode.toString(8)}).`);
  if ((kind === 'dir') !== zip.name.endsWith('/'))
    throw broken('bad-kind', `${JSON.stringify(zip.name)} is a ${kind} by its mode, but not by its name.`);
  if (kind === 'dir' && zip.size > 0) throw broken('bad-kind', `The folder ${JSON.stringify(zip.name)} has content.`);
  if (/^(release|shared)$/.test(zip.name)) throw broken('bad-kind', `${JSON.stringify(zip.name)} is not a folder.`);
}

function kindOf(zip: ZipEntry): ManifestEntry['kind'] | null {
  return KINDS.get(zip.mode & 0o170000) ?? null;
}

function readManifest(zip: ZipEntry, raw: Buffer): string {
  if (zip.size > MAX_MANIFEST_BYTES || kindOf(zip) !== 'file')
    throw broken('manifest-form', `${MANIFEST} is announced with ${zip.size} bytes.`);
  const header = localHeader(zip);
  const isFramed =
    raw.subarray(0, header.length).equals(header) && raw.subarray(header.length + zip.compressed).equals(dataDescriptor(zip));
  if (!isFramed) throw broken('header-mismatch', `The two headers of ${MANIFEST} differ.`);
  const packed = raw.subarray(header.length, header.length + zip.compressed);
  const data = zip.method === 0 ? packed : inflate(packed, zip.size);
  if (data.length !== zip.size || zlib.crc32(data) !== zip.crc)
    throw broken('entry-crc', `The content of ${MANIFEST} does not fit its CRC.`);
  return data.toString('utf8');
}

function inflate(packed: Buffer, size: number): Buffer {
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw broken('entry-data', `${MANIFEST} cannot be unpacked (${errnoOf(error) ?? 'unknown'}).`);
  }
}

function pair(zips: readonly ZipEntry[], entries: readonly ManifestEntry[]): ArchiveItem[] {
  const listed = new Set(entries.map(({ path }) => path));
  const present = new Set(zips.map(({ name }) => name.replace(/\/$/, '')));
  const extra = [...present].find((path) => !listed.has(path));
  if (extra !== undefined) throw broken('entry-not-in-manifest', `${JSON.stringify(extra)} is in the zip, but not in its manifest.`);
  const missing = [...listed].find((path) => !present.has(path));
  if (missing !== undefined) throw broken('entry-missing', `${JSON.stringify(missing)} is in the manifest, but not in the zip.`);
  if (zips.length !== entries.length) throw broken('manifest-form', 'The manifest lists an entry twice.');
  return zips.map((zip, index) => {
    const entry = entries[index];
    if (entry !== undefined && isSame(zip, entry)) return { zip, entry };
    throw broken('manifest-mismatch', `Directory and manifest disagree on ${JSON.stringify(zip.name)}.`);
  });
}

function isSame(zip: ZipEntry, entry: ManifestEntry): boolean {
  const path = entry.kind === 'dir' ? `${entry.path}/` : entry.path;
  return zip.name === path && kindOf(zip) === entry.kind && (zip.mode & 0o777) === entry.mode && zip.size === entry.size;
}

function refuseEscapes(entries: readonly ManifestEntry[]): void {
  const links = new Map(entries.flatMap(({ path, target }) => (target === null ? [] : [[path, target] as const])));
  for (const entry of entries) {
    if (entry.target === null) continue;
    if (leavesTree(entry.path, links))
      throw broken('link-escape', `${JSON.stringify(entry.path)} links to ${JSON.stringify(entry.target)}, out of its tree.`);
    // The content of a link's entry is its target, so the target needs to fit the hash that the content is held against.
    if (hash('sha256', entry.target) !== entry.sha256)
      throw broken('manifest-mismatch', `The manifest contradicts itself on ${JSON.stringify(entry.path)}.`);
  }
}
