// The container's gates: pixel format, frame rate, sample aspect ratio, resolution, duration.

import { type CheckResult, error, fail, pass } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import type { GoldenCase } from '../core/golden.ts';
import type { Fraction, MediaFacts, VideoStream } from '../core/media.ts';
import type { GoldenContainer } from './golden-set.ts';

const DURATION_TOLERANCE_S = 0.1;
// Seconds come as decimals: 28.1 - 28 is a little more than 0.1.
const ROUNDING_S = 1e-6;
const OUTDATED = 'Make the set anew: bin/dhash golden generate';

export function judgeContainer(
  facts: MediaFacts,
  video: VideoStream,
  golden: GoldenContainer,
  gates: QualityGates['video'],
): readonly GoldenCase[] {
  return [
    { name: 'container_pix_fmt', result: same('pixel format', video.pixFmt, golden.video.pix_fmt) },
    { name: 'container_avg_frame_rate', result: frameRate(video.frameRate, golden.video.avg_frame_rate, gates.frameRateTolerance) },
    {
      name: 'container_sample_aspect_ratio',
      result: same('sample aspect ratio', squareUnlessSaid(video.sampleAspectRatio), squareUnlessSaid(golden.video.sample_aspect_ratio)),
    },
    { name: 'container_resolution', result: resolution(video, golden.video, gates.resolution) },
    { name: 'container_duration', result: duration(facts.durationS, golden.format?.duration) },
  ];
}

function same(what: string, found: string | null, wanted: string | null | undefined): CheckResult {
  if (wanted === null || wanted === undefined) return error(`the golden set does not say its ${what}`, OUTDATED);
  if (found === null) return error(`the video does not say its ${what}`, null);
  return found === wanted
    ? pass(`${what} ${found}`)
    : fail(`${what} ${found}, the golden's is ${wanted}`, 'Render it with the settings of the golden.');
}

function frameRate(found: Fraction | null, wanted: string | null | undefined, tolerance: number): CheckResult {
  const golden = rateOf(wanted);
  if (golden === null) return error('the golden set does not say its frame rate', OUTDATED);
  if (found === null) return error('the video does not say its frame rate', null);
  const off = Math.abs(found.value - golden);
  const told = `${shown(found.value)} fps (${found.text}), the golden's is ${shown(golden)} (${wanted})`;
  return off <= tolerance + ROUNDING_S
    ? pass(told)
    : fail(`${told}: more than ${tolerance} fps apart`, 'Render it with the frame rate of the golden.');
}

function rateOf(text: string | null | undefined): number | null {
  const [, over = '', under = '1'] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text ?? '') ?? [];
  const value = Number(over) / Number(under);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * The declared resolution, or the golden's own: sets of smaller previews are compared as they are, and the answer says so. A video that has
 * neither fails, also where its frames would look alike once scaled.
 */
function resolution(
  video: VideoStream,
  golden: GoldenContainer['video'],
  declared: { readonly width: number; readonly height: number },
): CheckResult {
  const found = `${video.width}x${video.height}`;
  const wanted = `${declared.width}x${declared.height}`;
  const goldens = typeof golden.width !== 'number' || typeof golden.height !== 'number' ? null : `${golden.width}x${golden.height}`;
  if (found === wanted)
    return pass(goldens === null || goldens === found ? found : `${found}, the golden is ${goldens}: frames are scaled to it`);
  if (found === goldens) return pass(`${found} as the golden; quality-gates.json declares ${wanted} for what is delivered`);
  return fail(
    `${found}, must be ${wanted}${goldens === null || goldens === wanted ? '' : ` or the golden's ${goldens}`}`,
    `Render it in ${wanted}.`,
  );
}

function duration(found: number | null, wanted: string | null | undefined): CheckResult {
  const golden = Number.parseFloat(wanted ?? '');
  if (!Number.isFinite(golden)) return error('the golden set does not say its duration', OUTDATED);
  if (found === null) return error('the video does not say its duration', null);
  const told = `${shown(found)} s, the golden's is ${shown(golden)} s`;
  return Math.abs(found - golden) <= DURATION_TOLERANCE_S + ROUNDING_S
    ? pass(told)
    : fail(`${told}: more than 100 ms apart`, 'Look for cut or doubled scenes at the end.');
}

function squareUnlessSaid(ratio: string | null | undefined): string {
  return ratio === null || ratio === undefined || ratio === 'N/A' || ratio === '0:1' ? '1:1' : ratio;
}

function shown(value: number): string {
  return String(Number(value.toFixed(3)));
}
