// A curve in one line of text. The worst value of a column is the one that is drawn: a peak never hides behind an average.

const BARS = '▁▂▃▄▅▆▇█';
/** Not measured: a gap is a gap, never a low value. */
const GAP = '·';

/** Scaled so that `limit` stands at three quarters of the height, unless a value is above it. */
export function sparkline(values: readonly (number | null)[], limit: number, width = 24): string {
  const columns = bucketed(values.map(measured), width);
  const top = Math.max(limit / 0.75, ...columns.map((value) => value ?? 0));
  return columns.map((value) => (value === null ? GAP : bar(top <= 0 ? 0 : value / top))).join('');
}

function measured(value: number | null): number | null {
  return value === null || !Number.isFinite(value) || value < 0 ? null : value;
}

function bar(share: number): string {
  return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? GAP;
}

function bucketed(values: readonly (number | null)[], width: number): readonly (number | null)[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, column) => {
    const part = values.slice(Math.floor((column * values.length) / width), Math.floor(((column + 1) * values.length) / width));
    const known = part.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}
