// The bytes of our zips, in one canonical form: reading re-makes each record from its fields and demands the same bytes.

/** One entry as the central directory has it. */
export interface ZipEntry {
  /** Ends with a slash for a folder. */
  readonly name: string;
  readonly method: 0 | 8;
  /** Sizes and CRC follow the data, because they were not known before it. */
  readonly streamed: boolean;
  /** Sizes take 64 bits. Only for streamed entries. */
  readonly wide: boolean;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
  /** Type and permission bits as in st_mode. */
  readonly mode: number;
  /** MS-DOS date and time, UTC. */
  readonly time: number;
}

export const LIMIT_32 = 0xffffffff;
const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const WIDE_END_BYTES = 56 + 20;
const UTF8 = 0x0800;
const STREAMED = 0x0008;
const MADE_BY_UNIX = 0x033f;
const NOTHING = Buffer.alloc(0);

export function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  const extra = entry.wide ? wideExtra([0, 0]) : NOTHING;
  const { crc, compressed, size } = localNumbers(entry);
  const head = Buffer.alloc(LOCAL_BYTES);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(entry.wide ? 45 : 20, 4);
  head.writeUInt16LE(entry.streamed ? UTF8 | STREAMED : UTF8, 6);
  head.writeUInt16LE(entry.method, 8);
  head.writeUInt32LE(entry.time, 10);
  head.writeUInt32LE(crc, 14);
  head.writeUInt32LE(compressed, 18);
  head.writeUInt32LE(size, 22);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

/** How many bytes the local header takes. */
export function localBytes(entry: ZipEntry): number {
  return LOCAL_BYTES + Buffer.byteLength(entry.name) + (entry.wide ? 20 : 0);
}

/** What follows the data of a streamed entry; nothing for others. */
export function dataDescriptor(entry: ZipEntry): Buffer {
  if (!entry.streamed) return NOTHING;
  const bytes = Buffer.alloc(entry.wide ? 24 : 16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(entry.crc, 4);
  if (entry.wide) {
    bytes.writeBigUInt64LE(BigInt(entry.compressed), 8);
    bytes.writeBigUInt64LE(BigInt(entry.size), 16);
  } else {
    bytes.writeUInt32LE(entry.compressed, 8);
    bytes.writeUInt32LE(entry.size, 12);
  }
  return bytes;
}

export function centralRecord(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name);
  const far = entry.offset >= LIMIT_32;
  const extra = wideExtra([...(entry.wide ? [entry.size, entry.compressed] : []), ...(far ? [entry.offset] : [])]);
  const head = Buffer.alloc(CENTRAL_BYTES);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(MADE_BY_UNIX, 4);
  head.writeUInt16LE(entry.wide || far ? 45 : 20, 6);
  head.writeUInt16LE(entry.streamed ? UTF8 | STREAMED : UTF8, 8);
  head.writeUInt16LE(entry.method, 10);
  head.writeUInt32LE(entry.time, 12);
  head.writeUInt32LE(entry.crc, 16);
  head.writeUInt32LE(entry.wide ? LIMIT_32 : entry.compressed, 20);
  head.writeUInt32LE(entry.wide ? LIMIT_32 : entry.size, 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE((entry.mode << 16) >>> 0, 38);
  head.writeUInt32LE(far ? LIMIT_32 : entry.offset, 42);
  return Buffer.concat([head, name, extra]);
}

/** The end of the file: one record, or three when a number needs 64 bits. */
export function endRecords(directory: { readonly entries: number; readonly bytes: number; readonly offset: number }): Buffer {
  const { entries, bytes, offset } = directory;
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, 0xffff), 8);
  end.writeUInt16LE(Math.min(entries, 0xffff), 10);
  end.writeUInt32LE(Math.min(bytes, LIMIT_32), 12);
  end.writeUInt32LE(Math.min(offset, LIMIT_32), 16);
  if (entries < 0xffff && bytes < LIMIT_32 && offset < LIMIT_32) return end;
  const wide = Buffer.alloc(WIDE_END_BYTES);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(MADE_BY_UNIX, 12);
  wide.writeUInt16LE(45, 14);
  wide.writeBigUInt64LE(BigInt(entries), 24);
  wide.writeBigUInt64LE(BigInt(entries), 32);
  wide.writeBigUInt64LE(BigInt(bytes), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(offset + bytes), 64);
  wide.writeUInt32LE(1, 72);
  return Buffer.concat([wide, end]);
}

/** Milliseconds since the epoch as MS-DOS date and time (two-second steps, 1980 to 2107), in UTC. */
export function dosTime(ms: number): number {
  const date = new Date(Math.min(Math.max(ms, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31, 23, 59, 58)));
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}

function localNumbers(entry: ZipEntry): Pick<ZipEntry, 'crc' | 'compressed' | 'size'> {
  if (entry.wide) return { crc: 0, compressed: LIMIT_32, size: LIMIT_32 };
  return entry.streamed ? { crc: 0, compressed: 0, size: 0 } : entry;
}

function wideExtra(numbers: readonly number[]): Buffer {
  if (numbers.length === 0) return NOTHING;
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * numbers.length, 2);
  for (const [index, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + 8 * index);
  return extra;
}
