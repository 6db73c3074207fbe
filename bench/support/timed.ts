// Timing works by turns, so that a busy moment hits all of them.

export async function timed(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Runs the works in turn, `times` times, so that a busy moment hits all of them; answers each one's median in ms. */
export async function medians<Name extends string>(
  works: Readonly<Record<Name, () => unknown>>,
  times: number,
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(works) as Name[];
  const found = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < times; round += 1) {
    for (const name of names) found.get(name)?.push(await timed(works[name]));
  }
  return Object.fromEntries(names.map((name) => [name, Math.round(median(found.get(name) ?? []))])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
