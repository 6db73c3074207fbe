// Reads every wanted entry of an opened backup, side by side when there is much, and hashes the whole file meanwhile.

import { availableParallelism } from 'node:os';
import { hashBehind } from '../hash-file.ts';
import type { Archive } from './archive.ts';
import { readInLane } from './lane.ts';
import { type Places, placeOf } from './places.ts';
import { newReading, type Reading, readRuns } from './reading.ts';
import { runsOf } from './runs.ts';

/** Below this much content, a further thread costs more than it saves. */
const LANE_BYTES = 8 * 1024 * 1024;
const MOST_LANES = 4;

/**
 * Answers the sha256 of the whole file. Throws `broken` at an entry that is not what manifest and directory say. `places` null = only look.
 *
 * Contents are read apart from the hash, and that is safe: the manifest as it lies in memory is part of what is hashed, and every content is
 * held against the manifest. Whoever changes the file between the two reads fails one of them.
 */
export async function readThrough({ fd, size, items, rest }: Archive, places: Places | null): Promise<string> {
  const wanted = places === null ? items : items.filter(({ entry }) => placeOf(places, entry) !== null);
  const reading = newReading(fd, places, runsOf(wanted));
  const hashed = hashBehind(fd, { end: size - rest.length, following: rest });
  // All are waited for: nobody reads or writes any more when the file is closed or the folder taken away.
  const ended = await Promise.allSettled([
    hashed,
    ...readAll(
      reading,
      wanted.reduce((sum, { zip }) => sum + zip.size, 0),
    ),
  ]);
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return hashed;
}

function readAll(reading: Reading, bytes: number): readonly Promise<void>[] {
  const lanes = Math.min(availableParallelism(), MOST_LANES, Math.floor(bytes / LANE_BYTES));
  return lanes < 2 ? [readRuns(reading)] : Array.from({ length: lanes }, () => readInLane(reading));
}
