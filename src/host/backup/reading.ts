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
  /** Each serialized until its turn comes: the collector goes through all live objects whenever some megabytes were unpacked. */
  readonly runs: readonly Uint8Array[];
  /** One number in shared memory: whose turn is next. */
  readonly turn: Int32Array<SharedArrayBuffer>;
}

export function newReading(fd: number, places: Places | null, runs: readonly Run[]): Reading {
  return { fd, places, runs: runs.map((run) => serialize(run)), turn: new Int32Array(new SharedArrayBuffer(4)) };
}

/** Reads runs until none is left for anybody. Throws `broken` at the first entry that is not what manifest and directory say. */
export async function readRuns({ fd, places, runs, turn }: Reading): Promise<void> {
  const read = createRunReader(fd, sinkOf(places));
  const next = () => runs[Atomics.add(turn, 0, 1)];
  try {
    for (let run = next(); run !== undefined; run = next()) await read(deserialize(run));
  } catch (error) {
    // What others would still read is of no use any more.
    Atomics.store(turn, 0, runs.length);
    throw error;
  }
}
