// Frames against golden PNGs: one seek a frame, as many side by side as there are cores, scored in a thread of their own.

import { availableParallelism } from 'node:os';
import { allOrNone } from '../../core/all-or-none.ts';
import { BotError } from '../../core/error.ts';
import type { FrameComparison, GoldenFrame, MediaFacts, Size, Tools, UncomparedFrame } from '../../core/media.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { comparisonGraph, FRAME_TIMEOUT_MS, seek } from './frames.ts';
import { pngSize } from './png.ts';
import { createSharedSink } from './sink.ts';
import { WINDOW } from './ssim.ts';
import { openSsimLane, type SsimLane } from './ssim-lane.ts';

/** So near to the threshold the package's own number decides. */
const NEAR = 0.0005;

export interface Compare {
  readonly facts: MediaFacts;
  readonly frames: readonly GoldenFrame[];
  readonly threshold: number;
  readonly signal: AbortSignal;
}

export async function compareFrames({ facts, frames, threshold, signal }: Compare, tools: Tools): Promise<readonly FrameComparison[]> {
  const { video, file } = facts;
  if (video === null) {
    throw new BotError({ code: 'no-video', message: `${file} has no video stream.`, hint: `Look at it: ffprobe ${file}` });
  }
  const turned = video.rotation % 180 !== 0;
  const current = turned ? { width: video.height, height: video.width } : { width: video.width, height: video.height };
  const cores = availableParallelism();
  // One more than there are cores: while one waits for its score, its core is free.
  const lanes = Math.min(frames.length, cores + 1);
  // More threads than there are cores for cost more than they save, and a decoder decodes frames ahead that nobody asked for.
  const threads = Math.max(1, Math.floor(cores / lanes));
  const scorer = openSsimLane();
  const found: FrameComparison[] = [];
  const waiting = [...frames.entries()];
  const lane = async (either: AbortSignal): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, frame] = next;
      found[index] = await compareOne({ facts, frame, threshold, current, threads, tools, scorer, signal: either });
    }
  };
  try {
    await allOrNone(signal, (either) => Array.from({ length: lanes }, () => lane(either)));
  } finally {
    await scorer.close();
  }
  return found;
}

interface One {
  readonly facts: MediaFacts;
  readonly frame: GoldenFrame;
  readonly threshold: number;
  readonly current: Size;
  /** For decoding, and for the filters. */
  readonly threads: number;
  readonly tools: Tools;
  readonly scorer: SsimLane;
  readonly signal: AbortSignal;
}

async function compareOne({ facts, frame, threshold, current, threads, tools, scorer, signal }: One): Promise<FrameComparison> {
  const { atS, png } = frame;
  const golden = await pngSize(png);
  if (golden.kind === 'none') return uncompared(atS, 'no-golden', `there is no golden frame ${png}`);
  if (golden.kind === 'bad') return uncompared(atS, 'bad-golden', golden.why);
  const end = facts.durationS;
  if (end !== null && atS >= end) return beyond(atS, end);

  const { width, height } = golden.size;
  if (Math.min(width, height) < WINDOW)
    return uncompared(atS, 'bad-golden', `${png} is ${width}x${height}, smaller than the window of SSIM`);
  const sink = createSharedSink(2 * width * height);
  let all: number | null = null;
  await runFfmpeg(tools.ffmpeg, {
    inputs: [seek(facts.file, atS, ['-threads', String(threads)]), { file: png }],
    outputOptions: [
      ...['-filter_complex', comparisonGraph(golden.size), '-filter_complex_threads', String(threads)],
      ...['-map', '[measured]', '-frames:v', '1', '-f', 'null', '-'],
      ...['-map', '[planes]', '-frames:v', '1'],
    ],
    format: 'rawvideo',
    pipeTo: sink.stream,
    timeoutMs: FRAME_TIMEOUT_MS,
    signal,
    onStderrLine: (line) => {
      all = parseAll(line) ?? all;
    },
  });
  const { bytes } = sink;
  const came = sink.length();
  if (came === 0) return beyond(atS, end);
  if (came !== bytes.length || all === null) {
    throw new BotError({
      code: 'media-unreadable',
      message: `ffmpeg gave ${came} of ${bytes.length} bytes for the frame of ${facts.file} at ${atS} s${all === null ? ' and no SSIM' : ''}.`,
      hint: `Look at the file: ffmpeg -ss ${atS} -i ${facts.file} -frames:v 1 frame.png`,
    });
  }
  const { mean, lowest } = await scorer.score({ width, height, bytes });
  const ssim = Math.abs(mean - threshold) < NEAR ? await scorer.packageMean({ width, height, bytes }) : mean;
  const scaled = current.width !== width || current.height !== height;
  return { kind: 'compared', atS, ssim, lowest, ffmpegAll: all, golden: golden.size, current, scaled };
}

/** The filter's closing line: `SSIM R:0.99 (20.1) G:... B:... All:0.991234 (20.5)`. */
export function parseAll(line: string): number | null {
  const [, found] = /\bSSIM\b.*\bAll:(\d+(?:\.\d+)?)/.exec(line) ?? [];
  return found === undefined ? null : Number(found);
}

function beyond(atS: number, end: number | null): UncomparedFrame {
  return uncompared(atS, 'beyond-end', `there is no frame at ${atS} s${end === null ? '' : `, the video ends at ${end} s`}`);
}

function uncompared(atS: number, code: UncomparedFrame['code'], why: string): UncomparedFrame {
  return { kind: 'not-compared', atS, code, why };
}
