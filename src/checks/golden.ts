// A video against its golden set: the container, the chosen frames, and how loud it is.

import { allOrNone } from '../core/all-or-none.ts';
import { error } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import { asBotError, BotError } from '../core/error.ts';
import { diffPng, framePng, frameTime, type GoldenCase, type GoldenReport, goldenVideo } from '../core/golden.ts';
import type { FrameComparison, Loudness, MediaFacts, VideoComparison } from '../core/media.ts';
import type { Ports } from '../core/ports.ts';
import { judgeAudio } from './golden-audio.ts';
import { judgeContainer } from './golden-container.ts';
import { judgeEveryFrame, judgeFrame } from './golden-frames.ts';
import { type GoldenSet, readGoldenSet } from './golden-set.ts';

export interface GoldenOrder {
  readonly game: string;
  readonly file: string;
  /** The set's folder: tests/golden/<game>, or one of its per-OS sets. */
  readonly folder: string;
  /** Seconds. */
  readonly frames: readonly number[];
  /** Also every other frame, against the golden video of the set. */
  readonly everyFrame: boolean;
  readonly gates: Pick<QualityGates, 'audio' | 'video'>;
}

export interface GoldenFacts {
  readonly set: GoldenSet;
  readonly facts: MediaFacts;
  readonly frames: readonly FrameComparison[];
  /** null = not asked for. */
  readonly everyFrame: VideoComparison | null;
  /** null = the video has no audio stream. */
  readonly loudness: Loudness | null;
}

export interface GoldenPorts {
  readonly media: Pick<Ports['media'], 'probe' | 'fingerprint' | 'loudness' | 'compareFrames' | 'compareVideos' | 'writeDiff' | 'dropDiff'>;
  readonly files: Pick<Ports['files'], 'read'>;
}

/** Throws BotError for what cannot be asked at all: no set, no file, no ffmpeg. Writes a picture of each failed frame, and takes away those of earlier failures. */
export async function checkGolden(ports: GoldenPorts, order: GoldenOrder, signal: AbortSignal): Promise<GoldenReport> {
  const set = await readGoldenSet(ports, order.folder);
  const { facts, frames, everyFrame, loudness, video } = await measured(ports, order, signal);
  const cases = judgeGolden({ set, facts, frames, everyFrame, loudness }, order.gates);
  await draw(ports, order, frames, cases, signal);
  const values = frames.flatMap((frame) =>
    frame.kind === 'compared' ? [order.gates.video.ssimMethod === 'ffmpeg' ? frame.ffmpegAll : frame.ssim] : [],
  );
  const lowestSsim = values.length === 0 ? null : Math.min(...values);
  const lufs = loudness?.integratedLufs.value ?? null;
  return { game: order.game, file: order.file, folder: order.folder, cases, lowestSsim, lufs, video, tools: facts.tools };
}

export function judgeGolden({ set, facts, frames, everyFrame, loudness }: GoldenFacts, gates: GoldenOrder['gates']): readonly GoldenCase[] {
  const audio = judgeAudio({ golden: set.audio, measured: loudness, tolerances: gates.audio });
  const { video } = facts;
  if (video === null) {
    const none = error(`${facts.file} has no video stream`, `Look at it: ffprobe ${facts.file}`);
    return [{ name: 'container_video', result: none }, ...audio];
  }
  const ground = {
    gates: gates.video,
    tools: facts.tools,
    madeWith: set.container.tools?.ffmpeg ?? null,
    diffOf: (atS: number) => diffPng(set.folder, atS),
  };
  const pictures = [
    ...frames.map((frame) => judgeFrame(frame, ground)),
    ...(everyFrame === null ? [] : [judgeEveryFrame(everyFrame, gates.video)]),
  ];
  return [...judgeContainer(facts, video, set.container, gates.video), ...pictures, ...audio];
}

type Measured = Pick<GoldenFacts, 'facts' | 'frames' | 'everyFrame' | 'loudness'> & Pick<GoldenReport, 'video'>;

async function measured(ports: GoldenPorts, order: GoldenOrder, signal: AbortSignal): Promise<Measured> {
  const [facts, frames, everyFrame, loudness, video] = await allOrNone<
    [MediaFacts, readonly FrameComparison[], VideoComparison | null, Loudness | null, GoldenReport['video']]
  >(signal, (either) => {
    const asked = ports.media.probe(order.file, either);
    return [
      asked,
      asked.then((found) => framesOf(ports, order, found, either)),
      asked.then((found) => everyFrameOf(ports, order, found, either)),
      loudnessOf(ports, order.file, asked, either),
      asked.then(() => ports.media.fingerprint(order.file, either)),
    ];
  });
  return { facts, frames, everyFrame, loudness, video };
}

async function framesOf(
  { media }: GoldenPorts,
  order: GoldenOrder,
  facts: MediaFacts,
  signal: AbortSignal,
): Promise<readonly FrameComparison[]> {
  if (facts.video === null) return [];
  const frames = order.frames.map((atS) => ({ atS, png: framePng(order.folder, atS) }));
  return (await media.compareFrames({ facts, frames, threshold: order.gates.video.ssimThreshold, signal })).frames;
}

async function everyFrameOf(
  { media }: GoldenPorts,
  { everyFrame, folder }: GoldenOrder,
  facts: MediaFacts,
  signal: AbortSignal,
): Promise<VideoComparison | null> {
  if (!everyFrame || facts.video === null) return null;
  return media.compareVideos({ facts, golden: goldenVideo(folder), signal });
}

/** Begun before it is known whether there is any sound: the probe alone would leave the other cores idle. */
async function loudnessOf({ media }: GoldenPorts, file: string, asked: Promise<MediaFacts>, signal: AbortSignal): Promise<Loudness | null> {
  const heard = await media.loudness(file, signal).catch((thrown: unknown) => asBotError(thrown));
  const { audio, tools } = await asked;
  if (audio === null) return null;
  if (!(heard instanceof BotError)) return heard;
  if (heard.code === 'media-canceled') throw heard;
  const unmeasured = { value: null, why: heard.message };
  return { integratedLufs: unmeasured, rangeLu: unmeasured, truePeakDbtp: unmeasured, tools };
}

async function draw(
  { media }: GoldenPorts,
  { file, folder }: GoldenOrder,
  frames: readonly FrameComparison[],
  cases: readonly GoldenCase[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new Set(cases.filter(({ result }) => result.kind === 'fail').map(({ name }) => name));
  for (const frame of frames) {
    const { atS } = frame;
    const to = diffPng(folder, atS);
    // One of an earlier failure would speak against a frame that is good now.
    if (frame.kind !== 'compared' || !failed.has(`frame_${frameTime(atS)}`)) await media.dropDiff(to);
    else await media.writeDiff({ file, frame: { atS, png: framePng(folder, atS) }, lowest: frame.lowest, to, signal });
  }
}
