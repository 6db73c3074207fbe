// Puts unpacked data in the place of the present data by renames, and keeps what was there.

import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BotError } from '../../core/error.ts';
import { errnoOf } from '../errno.ts';
import { syncFolder } from '../files.ts';
import { isThere } from '../is-there.ts';
import { makeFolder } from '../make-folder.ts';

export interface SwapOrder {
  readonly root: string;
  readonly id: string;
  /** Names below shared/ that the backup holds; all others stay as they are. */
  readonly names: readonly string[];
  /** Where they lie unpacked, on the same disk. */
  readonly fresh: string;
}

/**
 * The data that was there is kept as `<root>/shared.before-<id>`; older such folders are removed once the swap is complete. Done again after
 * a crash, what is kept stays the data from before the first try. When a name cannot be moved, those moved before it are moved back.
 */
export async function swapData(order: SwapOrder): Promise<void> {
  const kept = join(order.root, `shared.before-${order.id}`);
  const undo: (() => Promise<void>)[] = [];
  makeFolder(kept, 0o700);
  try {
    for (const name of order.names) await swapOne(order, kept, name, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw cannotSwap(order, error);
  }
  await syncFolder(join(order.root, 'shared'));
  await syncFolder(order.root);
  await removeOlder(order.root, `shared.before-${order.id}`);
}

async function swapOne({ root, fresh }: SwapOrder, kept: string, name: string, undo: (() => Promise<void>)[]): Promise<void> {
  const live = join(root, 'shared', name);
  const before = join(kept, name);
  // In a second try the first one's data is in the way: it goes with the temporary folder.
  const aside = (await isThere(before)) ? join(fresh, '.replaced', name) : before;
  makeFolder(dirname(aside));
  makeFolder(dirname(live));
  if (await isThere(live)) {
    await rename(live, aside);
    undo.push(() => rename(aside, live));
  }
  await rename(join(fresh, name), live);
  undo.push(() => rename(live, join(fresh, name)));
}

async function removeOlder(root: string, kept: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith('shared.before-') && name !== kept) await rm(join(root, name), { recursive: true, force: true });
  }
}

function cannotSwap({ root }: SwapOrder, cause: unknown): BotError {
  const code = errnoOf(cause) ?? 'unknown';
  return new BotError({
    code: 'data-not-swapped',
    message: `The restored data cannot take its place in ${join(root, 'shared')} (${code}); the data that was there is back.`,
    hint:
      code === 'EBUSY' || code === 'EXDEV'
        ? 'A shared name is a mount of its own: mount its parent instead.'
        : 'Look at the rights of the folder.',
    cause,
  });
}
