// Measured numbers as people read them. Rounded up, so that what is over a threshold never looks equal to it.

/** 0.4 -> "0.4 %" */
export function formatPercent(percent: number): string {
  return `${Math.ceil(percent * 100 - 1e-6) / 100} %`;
}

/** 181.2 -> "182 ms" */
export function formatMs(ms: number): string {
  return `${Math.ceil(ms - 1e-6)} ms`;
}

/** 1 -> "1 breach", 2 -> "2 breaches" */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
