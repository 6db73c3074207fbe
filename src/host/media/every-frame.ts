// Every frame of a video against a golden video: both decoded once, compared by one filter, all cores used by ffmpeg itself.

import { stat } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { BotError } from '../../core/error.ts';
import type { MediaFacts, Size, Tools, VideoComparison, VideoStream } from '../../core/media.ts';
import { errnoOf } from '../errno.ts';
import { parseAll } from './compare.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { probe } from './ffprobe.ts';

const TIMEOUT_MS = 30 * 60_000;

export interface CompareVideos {
  readonly facts: MediaFacts;
  readonly golden: string;
  readonly signal: AbortSignal;
}

export async function compareVideos({ facts, golden, signal }: CompareVideos, tools: Tools): Promise<VideoComparison> {
  if (!(await isThere(golden))) return { kind: 'no-golden', why: `there is no golden video ${golden}, only pictures` };
  const current = videoOf(facts);
  const wanted = videoOf(await probe(golden, tools, signal));
  const rate = wanted.frameRate ?? { text: '30/1', value: 30 };
  const tally = createTally();
  await runFfmpeg(tools.ffmpeg, {
    inputs: [{ file: golden }, { file: facts.file }],
    outputOptions: ['-filter_complex', everyFrameGraph(displayed(wanted), displayed(current), rate.text), '-map', '[measured]'],
    format: 'null',
    pipeTo: tally.stream,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  const { frames, sum, worst } = tally.read();
  if (frames === 0) throw unmeasured(facts.file, golden);
  return {
    kind: 'compared',
    frames,
    mean: sum / frames,
    worst: { ...worst, atS: (worst.frame - 1) / rate.value },
    golden: displayed(wanted),
    current: displayed(current),
  };
}

/** The n-th frame meets the n-th: time stamps of two containers differ by a rounding, and then a frame would meet its neighbor. */
function everyFrameGraph(golden: Size, current: Size, rate: string): string {
  const [over = '30', under = '1'] = rate.split('/');
  const numbered = `settb=${under}/${over},setpts=N,setsar=1`;
  const same = golden.width === current.width && golden.height === current.height;
  const scaled = same ? '' : `,scale=${golden.width}:${golden.height}:flags=bicubic`;
  return `[0:V:0]${numbered}[golden];[1:V:0]${numbered}${scaled}[now];[golden][now]ssim=stats_file=-[measured]`;
}

/** Reads the filter's lines as they come, so that an hour of video needs no more memory than a second. */
function createTally() {
  let rest = '';
  let frames = 0;
  let sum = 0;
  let worst = { ssim: Number.POSITIVE_INFINITY, frame: 0 };
  const take = (line: string): void => {
    const [, number] = /^n:(\d+) /.exec(line) ?? [];
    const ssim = number === undefined ? null : parseAll(`SSIM ${line}`);
    if (ssim === null) return;
    frames += 1;
    sum += ssim;
    if (ssim < worst.ssim) worst = { ssim, frame: Number(number) };
  };
  const stream = new Writable({
    // runFfmpeg says why.
    emitClose: false,
    write: (chunk: Buffer, _encoding, next) => {
      const lines = `${rest}${chunk.toString('latin1')}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      next();
    },
  });
  return { stream, read: () => ({ frames, sum, worst }) };
}

function videoOf({ video, file }: MediaFacts): VideoStream {
  if (video !== null) return video;
  throw new BotError({ code: 'no-video', message: `${file} has no video stream.`, hint: `Look at it: ffprobe ${file}` });
}

/** As a player shows it. */
function displayed({ width, height, rotation }: VideoStream): Size {
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function unmeasured(file: string, golden: string): BotError {
  return new BotError({
    code: 'media-unreadable',
    message: `ffmpeg compared no frame of ${file} and ${golden}.`,
    hint: `Look at them: ffmpeg -i ${golden} -i ${file} -lavfi ssim -f null -`,
  });
}
