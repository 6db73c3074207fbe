// What benches share: a timer, medians, and one JSON object of ratios at the end.

import { stdout } from 'node:process';

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

export interface Row {
  readonly what: string;
  readonly ratio: number;
  readonly target: string;
}

/** `facts` are for whoever wants to know what the ratios come from. */
export function report(bench: string, rows: readonly Row[], facts: Readonly<Record<string, unknown>>): void {
  for (const { what, ratio, target } of rows)
    stdout.write(`${bench.padEnd(8)} ${what.padEnd(74)} ${ratio.toFixed(3).padStart(8)}  ${target}\n`);
  stdout.write(
    `${JSON.stringify({ bench, ratios: Object.fromEntries(rows.map(({ what, ratio }) => [what, Number(ratio.toFixed(3))])), facts })}\n`,
  );
}
