// The audio's gates of a golden check, under the names they have in JUnit.

import type { GoldenCase } from '../core/golden.ts';
import type { GoldenAudio } from './golden-set.ts';
import { type GoldenLoudness, judgeLoudness, type LoudnessFacts } from './loudness.ts';

export function judgeAudio({
  golden,
  measured,
  tolerances,
}: Omit<LoudnessFacts, 'golden'> & { readonly golden: GoldenAudio | null }): readonly GoldenCase[] {
  const { lufs, peak } = judgeLoudness({ measured, golden: golden === null ? null : toLoudness(golden), tolerances });
  return [
    { name: 'audio_lufs', result: lufs },
    { name: 'audio_peak', result: peak },
  ];
}

function toLoudness(golden: GoldenAudio): GoldenLoudness {
  return {
    integratedLufs: golden.integrated_lufs ?? null,
    rangeLu: golden.loudness_range_lu ?? null,
    truePeakDb: golden.true_peak_db ?? null,
    note: golden.note ?? null,
  };
}
