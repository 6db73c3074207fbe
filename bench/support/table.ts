// One way to say what was measured: a table for people on stderr, one line of JSON on stdout for machines.

import { stderr, stdout } from 'node:process';

export interface Row {
  /** P4, P10 ...: the target in docs/performance.md. */
  readonly target: string;
  readonly what: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours divided by the peer's; null = a figure of its own. */
  readonly ratio: number | null;
  readonly want: string;
  readonly met: boolean;
}

export function report(rows: readonly Row[], facts: Readonly<Record<string, unknown>> = {}): void {
  const cells = rows.map(({ target, what, ours, peer, ratio, want, met }) => [
    target,
    what,
    ours,
    peer,
    ratio === null ? '' : `${ratio.toFixed(2)} x`,
    want,
    met ? 'met' : 'NOT MET',
  ]);
  const all = [['', 'work', 'ours', 'peer', 'ratio', 'want', ''], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  for (const row of all)
    stderr.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  stdout.write(`${JSON.stringify({ rows, facts })}\n`);
}

/** A row whose target is a ratio to the peer's figure. */
export function row(target: string, what: string, ours: number, peer: number, most: number): Row {
  const ratio = ours / peer;
  return { target, what, ours: String(Math.round(ours)), peer: String(Math.round(peer)), ratio, want: `<= ${most} x`, met: ratio <= most };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
