// A pair of planes cut into bands that threads score side by side, and their scores as one.

import { type Planes, type Score, WINDOW } from './ssim.ts';

export interface Band {
  readonly planes: Planes & { readonly bytes: Uint8Array<ArrayBuffer> };
  /** The picture's row it begins with. */
  readonly top: number;
  /** How many rows of windows are in it. */
  readonly windows: number;
}

/** Neighbors overlap, so that every window lies in exactly one band. */
export function bandsOf({ width, height, bytes }: Planes, most: number): readonly Band[] {
  const windows = height - WINDOW + 1;
  const count = Math.min(most, windows);
  return Array.from({ length: count }, (_, index) => {
    const top = Math.floor((windows * index) / count);
    const own = Math.floor((windows * (index + 1)) / count) - top;
    const rows = own + WINDOW - 1;
    const size = width * rows;
    const pair = new Uint8Array(2 * size);
    for (const plane of [0, 1]) {
      const from = (plane * height + top) * width;
      pair.set(bytes.subarray(from, from + size), plane * size);
    }
    return { planes: { width, height: rows, bytes: pair }, top, windows: own };
  });
}

export function joined(scored: readonly { readonly band: Band; readonly score: Score }[]): Score {
  const windows = scored.reduce((sum, { band }) => sum + band.windows, 0);
  const mean = scored.reduce((sum, { band, score }) => sum + (score.mean * band.windows) / windows, 0);
  const lows = scored.map(({ band, score: { lowest } }) => ({ ...lowest, y: lowest.y + band.top }));
  return { mean, lowest: lows.reduce((one, other) => (other.ssim < one.ssim ? other : one)) };
}
