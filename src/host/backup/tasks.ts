// What runs in a process of its own: everything that reads or writes whole files, so that the bot goes on answering meanwhile.

import type { Verified } from '../../core/backup.ts';
import { formatBytes } from '../../core/bytes.ts';
import { BotError } from '../../core/error.ts';
import type { Instant } from '../../core/time.ts';
import type { ManifestHead } from './manifest.ts';
import { newestFile } from './newest.ts';
import { type Packed, pack } from './pack.ts';
import { type ScanOrder, scan } from './scan.ts';
import { type Unpacked, type UnpackOrder, unpack } from './unpack.ts';
import { type VerifyOrder, verify } from './verify.ts';

export interface CreateOrder extends ScanOrder {
  readonly head: ManifestHead;
  /** Absolute; must not exist. */
  readonly path: string;
  readonly freeBytes: number;
}

/** What each task takes and answers: plain data, for it crosses between processes. */
export interface Tasks {
  readonly create: { readonly order: CreateOrder; readonly result: Packed };
  readonly verify: { readonly order: VerifyOrder; readonly result: Verified };
  readonly unpack: { readonly order: UnpackOrder; readonly result: Unpacked };
  readonly newest: { readonly order: { readonly folder: string }; readonly result: Instant | null };
}

export type TaskName = keyof Tasks;

export const TASKS: { readonly [Name in TaskName]: (order: Tasks[Name]['order']) => Promise<Tasks[Name]['result']> } = {
  create: async (order) => {
    const found = scan(order);
    demandRoom(found.bytes, order);
    return pack(order.path, order.head, found);
  },
  verify,
  unpack,
  newest: async ({ folder }) => newestFile(folder),
};

// The zip may come out far smaller; counted is the worst case, and a tenth for names and the manifest.
function demandRoom(bytes: number, { path, freeBytes }: CreateOrder): void {
  const needed = Math.ceil(bytes * 1.1);
  if (needed <= freeBytes) return;
  throw new BotError({
    code: 'disk-full',
    message: `The backup may need ${formatBytes(needed)} in ${path.slice(0, path.lastIndexOf('/'))}, free are ${formatBytes(freeBytes)}.`,
    hint: 'Remove old backups or releases, or give the disk more room. Nothing was written.',
  });
}
