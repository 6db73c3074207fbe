// Writes zips byte by byte, the wrong ones too: what no honest tool would make. Independent of the code under test.

import { createHash } from 'node:crypto';
import zlib from 'node:zlib';

export interface RawEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** st_mode; by default a file, or a folder when the name ends with a slash. */
  readonly mode?: number;
  readonly store?: boolean;
  /** The bytes that stand for the content, when they shall not be its honest form. */
  readonly packed?: Buffer;
  /** What the headers claim, when it shall not be true; `central` only in the directory. */
  readonly claim?: Partial<Claim>;
  readonly central?: Partial<Claim> & { readonly name?: string };
}

interface Claim {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
}

export interface RawOptions {
  readonly before?: Buffer;
  readonly between?: Buffer;
  readonly after?: Buffer;
  readonly comment?: string;
  /** Number of entries that the end record claims. */
  readonly count?: number;
}

export function rawZip(entries: readonly RawEntry[], options: RawOptions = {}): Buffer {
  const parts: Buffer[] = [options.before ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let at = parts[0]?.length ?? 0;
  for (const entry of entries) {
    const { claim, packed, name } = honest(entry, at);
    const local = Buffer.concat([header(0x04034b50, 30, { ...claim, ...entry.claim }, name), packed]);
    directory.push(record({ ...claim, ...entry.claim, ...entry.central }, Buffer.from(entry.central?.name ?? name), modeOf(entry)));
    parts.push(local);
    at += local.length;
  }
  const between = options.between ?? Buffer.alloc(0);
  const central = Buffer.concat(directory);
  return Buffer.concat([
    ...parts,
    between,
    central,
    end(options.count ?? entries.length, central.length, at + between.length, options.comment ?? ''),
    options.after ?? Buffer.alloc(0),
  ]);
}

/** A manifest that fits the entries, all below `release/`, and both together: a backup in which only what the test changes is wrong. */
export function rawBackup(
  entries: readonly RawEntry[],
  change: (manifest: RawManifest) => unknown = (same) => same,
  options: RawOptions = {},
): Buffer {
  const all = [{ name: 'release/' }, ...entries];
  const manifest = {
    ...{ schema: 1, environment: 'production', tag: 'v1.0.0', commit: 'abc', kind: 'manual', created: '2026-11-23T12:00:00Z' },
    ...{ createdAt: Date.UTC(2026, 10, 23, 12), shared: [], skipped: [], entries: all.map(listed) },
  };
  return rawZip([...all, { name: 'manifest.json', content: JSON.stringify(change(manifest)) }], options);
}

export interface RawManifest {
  readonly entries: readonly Record<string, unknown>[];
  readonly [key: string]: unknown;
}

export const MODES = { file: 0o100644, dir: 0o040755, link: 0o120777, device: 0o060600, fifo: 0o010600 } as const;

function listed(entry: RawEntry): Record<string, unknown> {
  const content = Buffer.from(entry.content ?? '');
  const mode = modeOf(entry);
  const kind = (mode & 0o170000) === 0o120000 ? 'link' : (mode & 0o170000) === 0o040000 ? 'dir' : 'file';
  return {
    ...{ path: entry.name.toString().replace(/\/$/, ''), kind, size: content.length, mode: mode & 0o777, mtime: 0, uid: 0, gid: 0 },
    ...{ sha256: createHash('sha256').update(content).digest('hex'), target: kind === 'link' ? content.toString() : null },
  };
}

function honest(entry: RawEntry, offset: number): { readonly claim: Claim; readonly packed: Buffer; readonly name: Buffer } {
  const content = Buffer.from(entry.content ?? '');
  const isStored = entry.store ?? content.length < 64;
  const packed = entry.packed ?? (isStored ? content : zlib.deflateRawSync(content));
  const claim = {
    flags: 0x0800,
    method: isStored ? 0 : 8,
    crc: zlib.crc32(content),
    compressed: packed.length,
    size: content.length,
    offset,
  };
  return { claim, packed, name: Buffer.from(entry.name) };
}

function modeOf(entry: RawEntry): number {
  return entry.mode ?? (entry.name.toString().endsWith('/') ? MODES.dir : MODES.file);
}

function header(signature: number, length: number, claim: Claim, name: Buffer): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(claim.flags, 6);
  bytes.writeUInt16LE(claim.method, 8);
  bytes.writeUInt32LE(0x00210000, 10);
  bytes.writeUInt32LE(claim.crc, 14);
  bytes.writeUInt32LE(claim.compressed, 18);
  bytes.writeUInt32LE(claim.size, 22);
  bytes.writeUInt16LE(name.length, 26);
  return Buffer.concat([bytes, name]);
}

function record(claim: Claim, name: Buffer, mode: number): Buffer {
  const bytes = Buffer.alloc(46);
  bytes.writeUInt32LE(0x02014b50, 0);
  bytes.writeUInt16LE(0x033f, 4);
  bytes.writeUInt16LE(20, 6);
  bytes.writeUInt16LE(claim.flags, 8);
  bytes.writeUInt16LE(claim.method, 10);
  bytes.writeUInt32LE(0x00210000, 12);
  bytes.writeUInt32LE(claim.crc, 16);
  bytes.writeUInt32LE(claim.compressed, 20);
  bytes.writeUInt32LE(claim.size, 24);
  bytes.writeUInt16LE(name.length, 28);
  bytes.writeUInt32LE((mode << 16) >>> 0, 38);
  bytes.writeUInt32LE(claim.offset, 42);
  return Buffer.concat([bytes, name]);
}

function end(count: number, bytes: number, offset: number, comment: string): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count & 0xffff, 8);
  record.writeUInt16LE(count & 0xffff, 10);
  record.writeUInt32LE(bytes, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([record, Buffer.from(comment)]);
}
