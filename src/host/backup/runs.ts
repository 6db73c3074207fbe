// A backup's entries in runs that lie together in the file, so that one read fetches many small ones and threads can take a run each.

import type { ArchiveItem } from './archive.ts';
import { RUN_BYTES } from './limits.ts';
import { extentOf } from './zip-directory.ts';

/** Never empty. One entry alone when it is too large to be held in memory. */
export type Run = readonly ArchiveItem[];

/** In the order of the file; `items` may leave some of it out. */
export function runsOf(items: readonly ArchiveItem[]): Run[] {
  const runs: ArchiveItem[][] = [];
  let [end, bytes, content] = [-1, 0, 0];
  for (const item of items) {
    const extent = extentOf(item.zip);
    const follows = item.zip.offset === end && bytes + extent <= RUN_BYTES && content + item.zip.size <= RUN_BYTES;
    if (!follows) {
      runs.push([]);
      [bytes, content] = [0, 0];
    }
    runs.at(-1)?.push(item);
    bytes += extent;
    content += item.zip.size;
    end = item.zip.offset + extent;
  }
  return runs;
}

export function isLarge({ zip }: ArchiveItem): boolean {
  return zip.size > RUN_BYTES || extentOf(zip) > RUN_BYTES;
}
