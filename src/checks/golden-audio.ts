// The audio's gates against the golden: loudness and true peak within a tolerance, and silence only where the golden is silent.

import { type CheckResult, error, fail, pass } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import type { GoldenCase } from '../core/golden.ts';
import type { Loudness, Measured } from '../core/media.ts';
import type { GoldenAudio } from './golden-set.ts';

export interface AudioFacts {
  readonly golden: GoldenAudio | null;
  readonly hasAudio: boolean;
  readonly loudness: Loudness | null;
  readonly tolerances: QualityGates['audio'];
}

export function judgeAudio({ golden, hasAudio, loudness, tolerances }: AudioFacts): readonly GoldenCase[] {
  const both = (result: CheckResult): readonly GoldenCase[] => [
    { name: 'audio_lufs', result },
    { name: 'audio_peak', result },
  ];
  if (golden === null) return both(error('the golden set has no audio_stats.json', 'Make the set anew: bin/dhash golden generate'));
  const isSilent = (golden.integrated_lufs ?? null) === null;
  if (isSilent && !hasAudio) return both(pass('no audio stream, as the golden'));
  if (isSilent)
    return both(fail('there is an audio stream, the golden has no loudness', 'If the sound is wanted: bin/dhash golden generate'));
  if (!hasAudio) return both(fail(`no audio stream, the golden has ${golden.integrated_lufs} LUFS`, 'Render it with its sound.'));
  return [
    { name: 'audio_lufs', result: within(loudness?.integratedLufs, golden.integrated_lufs, tolerances.lufsTolerance, 'LUFS', 'LU') },
    { name: 'audio_peak', result: within(loudness?.truePeakDbtp, golden.true_peak_db, tolerances.truePeakTolerance, 'dBTP', 'dB') },
  ];
}

function within(
  found: Measured | undefined,
  golden: number | null | undefined,
  tolerance: number,
  unit: string,
  step: string,
): CheckResult {
  if (found === undefined || found.value === null)
    return error(`not measured: ${found?.why ?? 'no answer'}`, 'Ask again; if it stays, look at the file.');
  if (golden === null || golden === undefined)
    return error(`the golden set has no value in ${unit}`, 'Make the set anew: bin/dhash golden generate');
  const told = `${found.value} ${unit}, the golden has ${golden}, at most ${tolerance} ${step} apart`;
  return Math.abs(found.value - golden) <= tolerance + 1e-9 ? pass(told) : fail(told, 'Compare the mix, e.g. a level set twice.');
}
