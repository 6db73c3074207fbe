// Does it sound as loud as the golden? Integrated loudness and true peak within the tolerances; the range is told, not judged.

import { type CheckResult, error, fail, pass, unknown } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import { GATE_FLOOR_LUFS } from '../core/ebur128.ts';
import type { Loudness, Measured } from '../core/media.ts';

/** `audio_stats.json`: numbers, or a note and none when the golden has no audio. */
export interface GoldenLoudness {
  readonly integratedLufs: number | null;
  readonly rangeLu: number | null;
  readonly truePeakDb: number | null;
  readonly note: string | null;
}

export interface LoudnessFacts {
  /** null = the file has no audio stream. */
  readonly measured: Loudness | null;
  /** null = there is no audio_stats.json. */
  readonly golden: GoldenLoudness | null;
  readonly tolerances: QualityGates['audio'];
}

export interface LoudnessJudged {
  readonly lufs: CheckResult;
  readonly peak: CheckResult;
  /** For people; nothing depends on it. */
  readonly range: string;
}

/** A difference of exactly the tolerance passes: both numbers come with one decimal. */
const ROUNDING = 1e-9;
const REGENERATE = 'Listen to both; if the change is meant, make a new golden with: bin/dhash golden generate';

export function judgeLoudness({ measured, golden, tolerances }: LoudnessFacts): LoudnessJudged {
  if (golden === null)
    return both(
      error('the golden has no audio_stats.json, so there is nothing to compare with', 'Make it with: bin/dhash golden generate'),
    );
  const goldenHasAudio = golden.integratedLufs !== null || golden.truePeakDb !== null;
  if (!goldenHasAudio && golden.note === null)
    return both(
      error('audio_stats.json of the golden has neither numbers nor a note', 'Make it again with: bin/dhash golden generate'),
      measured,
    );
  if (measured === null)
    return goldenHasAudio
      ? both(fail(`there is no audio stream, the golden has one (${levels(golden)})`, 'Look whether the audio was muxed in: ffprobe FILE'))
      : both(pass(`no audio stream, as in the golden (${golden.note})`));
  if (!goldenHasAudio)
    return both(fail(`there is an audio stream (${heard(measured)}), the golden has none: ${golden.note}`, REGENERATE), measured);
  const silent = isSilent(measured.integratedLufs);
  if (silent && golden.integratedLufs !== null && golden.integratedLufs <= GATE_FLOOR_LUFS)
    return both(pass(`silent (${GATE_FLOOR_LUFS.toFixed(1)} LUFS), as the golden is`), measured);
  if (silent)
    return both(
      fail(
        `the audio is silent (${GATE_FLOOR_LUFS.toFixed(1)} LUFS or less), the golden has ${levels(golden)}`,
        'Look at the mix: a muted track or a wrong map.',
      ),
      measured,
    );
  const { version } = measured.tools.ffmpeg;
  return {
    lufs: within({
      what: 'integrated loudness',
      unit: 'LUFS',
      measured: measured.integratedLufs,
      golden: golden.integratedLufs,
      tolerance: tolerances.lufsTolerance,
      difference: 'LU',
      version,
    }),
    peak: within({
      what: 'true peak',
      unit: 'dBTP',
      measured: measured.truePeakDbtp,
      golden: golden.truePeakDb,
      tolerance: tolerances.truePeakTolerance,
      difference: 'dB',
      version,
    }),
    range: rangeOf(measured, golden),
  };
}

interface Within {
  readonly what: string;
  readonly unit: string;
  readonly measured: Measured;
  readonly golden: number | null;
  readonly tolerance: number;
  readonly difference: string;
  readonly version: string;
}

function within({ what, unit, measured, golden, tolerance, difference, version }: Within): CheckResult {
  if (measured.value === null) return unknown(`${what} was not measured: ${measured.why}`, `Measured by ffmpeg ${version}.`);
  if (golden === null)
    return unknown(`the golden has no ${what}, measured ${measured.value.toFixed(1)} ${unit}`, 'Make it with: bin/dhash golden generate');
  const off = measured.value - golden;
  // A number that is none would compare as "not above".
  if (!Number.isFinite(off)) return error(`${what} cannot be compared: ${measured.value} ${unit} against ${golden} ${unit}`, null);
  const sentence = `${what} ${measured.value.toFixed(1)} ${unit}, golden ${golden.toFixed(1)} ${unit}: ${signed(off)} ${difference}`;
  if (Math.abs(off) <= tolerance + ROUNDING) return pass(`${sentence} (within ${tolerance} ${difference})`);
  return fail(`${sentence}, more than ${tolerance} ${difference}`, hintFor(off, unit));
}

/** 3 LU between one channel and the same sound on two is what a lost or added channel looks like. */
function hintFor(off: number, unit: string): string {
  const channels = unit === 'LUFS' && Math.abs(Math.abs(off) - 3) <= 0.15;
  return channels ? 'Three LU are one channel against two: look whether it is mono now, or was. Else: listen to both.' : REGENERATE;
}

function isSilent(measured: Measured): boolean {
  return measured.value !== null && measured.value <= GATE_FLOOR_LUFS;
}

function rangeOf({ rangeLu }: Loudness, golden: GoldenLoudness): string {
  const now = rangeLu.value === null ? `loudness range was not measured: ${rangeLu.why}` : `loudness range ${rangeLu.value.toFixed(1)} LU`;
  return golden.rangeLu === null ? now : `${now}, golden ${golden.rangeLu.toFixed(1)} LU`;
}

function levels({ integratedLufs, truePeakDb }: GoldenLoudness): string {
  const peak = truePeakDb === null ? 'no true peak' : `true peak ${truePeakDb.toFixed(1)} dBTP`;
  return `${integratedLufs === null ? 'no loudness' : `${integratedLufs.toFixed(1)} LUFS`}, ${peak}`;
}

function heard({ integratedLufs }: Loudness): string {
  return integratedLufs.value === null ? 'loudness not measured' : `${integratedLufs.value.toFixed(1)} LUFS`;
}

function both(result: CheckResult, measured: Loudness | null = null): LoudnessJudged {
  const range = measured?.rangeLu.value;
  return { lufs: result, peak: result, range: typeof range === 'number' ? `loudness range ${range.toFixed(1)} LU` : 'no loudness range' };
}

/** With a decimal more than the tolerance has, so that 1.04 does not read as 1.0: 1.04 -> "+1.04", -40 -> "-40". */
function signed(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return rounded > 0 ? `+${rounded}` : `${rounded === 0 ? 0 : rounded}`;
}
