// A pair of planes cut into bands that threads score side by side, and their scores as one.

import { type Band, type Planes, type Score, WINDOW } from './ssim.ts';

/** Every row of windows lies in exactly one band. */
export function bandsOf({ height }: Pick<Planes, 'height'>, most: number): readonly Band[] {
  const windows = height - WINDOW + 1;
  const count = Math.min(most, windows);
  const begin = (index: number): number => Math.floor((windows * index) / count);
  return Array.from({ length: count }, (_, index) => ({ top: begin(index), windows: begin(index + 1) - begin(index) }));
}

export function joined(scored: readonly { readonly band: Band; readonly score: Score }[]): Score {
  const windows = scored.reduce((sum, { band }) => sum + band.windows, 0);
  const mean = scored.reduce((sum, { band, score }) => sum + (score.mean * band.windows) / windows, 0);
  return { mean, lowest: scored.map(({ score }) => score.lowest).reduce((one, other) => (other.ssim < one.ssim ? other : one)) };
}
