// The frames' gate: the configured way to measure decides, the other stands beside it, and where they fall on two sides it is said.

import { type CheckResult, error, fail, pass } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import { frameTime, type GoldenCase } from '../core/golden.ts';
import type { ComparedFrame, ComparedVideo, FrameComparison, Size, Tools, VideoComparison } from '../core/media.ts';

export interface FrameGround {
  readonly gates: Pick<QualityGates['video'], 'ssimThreshold' | 'ssimMethod'>;
  readonly tools: Tools;
  /** The ffmpeg that made the golden; null when the set does not say. */
  readonly madeWith: string | null;
  /** Where the picture of a failed frame is. */
  readonly diffOf: (atS: number) => string;
}

export function judgeFrame(frame: FrameComparison, ground: FrameGround): GoldenCase {
  return { name: `frame_${frameTime(frame.atS)}`, result: frame.kind === 'compared' ? compared(frame, ground) : uncompared(frame) };
}

/** The worst frame decides: a mean over minutes hides a second of garbage. */
export function judgeEveryFrame(video: VideoComparison, { ssimThreshold }: Pick<FrameGround['gates'], 'ssimThreshold'>): GoldenCase {
  return { name: 'every_frame', result: video.kind === 'compared' ? comparedVideo(video, ssimThreshold) : withoutGolden(video) };
}

function comparedVideo({ frames, mean, worst, golden, current }: ComparedVideo, threshold: number): CheckResult {
  if (!Number.isFinite(worst.ssim)) return error('SSIM was not measured', null);
  const at = `${Number(worst.atS.toFixed(3))} s`;
  const told = [
    `SSIM of all ${frames} frames: lowest ${shown(worst.ssim)} at ${at} (frame ${worst.frame}), at least ${threshold}; mean ${shown(mean)}`,
    'ffmpeg All of the planes as decoded, which is milder than that of the chosen frames in RGB',
    ...(golden.width === current.width && golden.height === current.height ? [] : [scaledFrom(current, golden)]),
  ].join('; ');
  return worst.ssim >= threshold
    ? pass(told)
    : fail(told, `Look at the video at ${at}, and put that second into --frames to see the difference.`);
}

function withoutGolden({ why }: Extract<VideoComparison, { readonly kind: 'no-golden' }>): CheckResult {
  return error(why, 'Keep the video in the set: bin/dhash golden generate --every-frame');
}

function compared(frame: ComparedFrame, ground: FrameGround): CheckResult {
  const { ssimThreshold, ssimMethod } = ground.gates;
  const ways = [
    { method: 'ssim.js', name: 'ssim.js luma', value: frame.ssim },
    { method: 'ffmpeg', name: 'ffmpeg All', value: frame.ffmpegAll },
  ];
  const [gate, beside] = ssimMethod === 'ssim.js' ? ways : ways.toReversed();
  // A number that is none compares as "not below".
  if (gate === undefined || beside === undefined || !Number.isFinite(gate.value)) return error('SSIM was not measured', null);
  const good = gate.value >= ssimThreshold;
  const disagree = beside.value >= ssimThreshold !== good;
  const { lowest, current, golden } = frame;
  const told = [
    `SSIM ${shown(gate.value)} (${gate.name}), at least ${ssimThreshold}`,
    `${beside.name} ${shown(beside.value)}${disagree ? `: the two disagree, this one ${good ? 'fails' : 'passes'}` : ''}`,
    `lowest window ${shown(lowest.ssim)} at ${lowest.x},${lowest.y}`,
    ...(frame.scaled ? [scaledFrom(current, golden)] : []),
  ].join('; ');
  return good ? pass(told) : fail(told, `See ${ground.diffOf(frame.atS)} (golden, now, difference). ${versions(ground)}`);
}

function uncompared(frame: Extract<FrameComparison, { readonly kind: 'not-compared' }>): CheckResult {
  const hint =
    frame.code === 'beyond-end'
      ? 'Ask for earlier frames, or look why the video is short.'
      : 'Make it: bin/dhash golden generate, with this frame in --frames';
  return error(frame.why, hint);
}

function scaledFrom(current: Size, golden: Size): string {
  return `scaled from ${current.width}x${current.height} to the golden's ${golden.width}x${golden.height}`;
}

function versions({ madeWith, tools }: FrameGround): string {
  const now = tools.ffmpeg.version;
  if (madeWith === null) return `Measured with ffmpeg ${now}; the golden does not say which ffmpeg made it.`;
  if (madeWith.includes(now)) return `The same ffmpeg (${now}) made the golden: the picture has changed.`;
  return `The golden was made with ffmpeg ${madeWith}, this was measured with ${now}: compare with the same one before you believe it.`;
}

/** Cut, not rounded: 0.99499 must not read as 0.995. */
function shown(value: number): string {
  return (Math.floor(value * 100_000) / 100_000).toFixed(5);
}
