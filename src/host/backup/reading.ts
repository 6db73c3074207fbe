// Reading the contents of a backup, by one thread or by several that take turns.

import { deserialize, serialize } from 'node:v8';
import { type Places, sinkOf } from './places.ts';
import { createRunReader } from './read-run.ts';
import type { Run } from './runs.ts';

/** Plain data, for it crosses between threads. */
export interface Reading {
  /** Stays the caller's: to be closed when every thread has ended. */
  readonly fd: number;
  /** null = only look. */
  readonly places: Places | null;
  /** The runs one behind the other, each serialized until its turn comes: the collector goes through all live objects whenever some megabytes were unpacked. */
  readonly runs: Uint8Array<SharedArrayBuffer>;
  /** Where each run ends in `runs`. */
  readonly ends: readonly number[];
  /** One number in shared memory: whose turn is next. */
  readonly turn: Int32Array<SharedArrayBuffer>;
}

export function newReading(fd: number, places: Places | null, runs: readonly Run[]): Reading {
  const serialized = runs.map((run) => serialize(run));
  const ends: number[] = [];
  for (const { length } of serialized) ends.push((ends.at(-1) ?? 0) + length);
  const shared = new Uint8Array(new SharedArrayBuffer(ends.at(-1) ?? 0));
  for (const [index, run] of serialized.entries()) shared.set(run, (ends[index] ?? 0) - run.length);
  return { fd, places, runs: shared, ends, turn: new Int32Array(new SharedArrayBuffer(4)) };
}

/** Reads runs until none is left for anybody. Throws `broken` at the first entry that is not what manifest and directory say. */
export async function readRuns({ fd, places, runs, ends, turn }: Reading): Promise<void> {
  const read = createRunReader(fd, sinkOf(places));
  const next = () => Atomics.add(turn, 0, 1);
  try {
    // Copied out of what is shared: only so can it be deserialized.
    for (let run = next(); run < ends.length; run = next()) await read(deserialize(runs.slice(ends[run - 1] ?? 0, ends[run])));
  } catch (error) {
    // What others would still read is of no use any more.
    Atomics.store(turn, 0, ends.length);
    throw error;
  }
}
