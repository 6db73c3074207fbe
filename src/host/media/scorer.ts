// SSIM of whole frames, each shared by all lanes: a frame is scored as fast as the cores can, however many there are to score.

import type { Planes, Score } from './ssim.ts';
import { bandsOf, joined } from './ssim-bands.ts';
import { openSsimLane, type SsimLane } from './ssim-lane.ts';

export interface Scorer {
  /** The planes have at least the size of a window. */
  readonly score: (planes: Planes) => Promise<Score>;
  /** The mean, by ssim.js itself. */
  readonly packageMean: SsimLane['packageMean'];
  readonly close: () => Promise<void>;
}

export function openScorer(threads: number): Scorer {
  const first = openSsimLane();
  const lanes = [first, ...Array.from({ length: threads - 1 }, openSsimLane)];
  return {
    packageMean: first.packageMean,
    score: async (planes) => {
      const bands = bandsOf(planes, threads);
      const scored = lanes.map(async (lane, index) => {
        const band = bands[index];
        return band === undefined ? [] : [{ band, score: await lane.score(planes, band) }];
      });
      return joined((await Promise.all(scored)).flat());
    },
    close: async () => {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}
