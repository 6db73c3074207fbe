// Single frames of a video: the graphs that fetch, compare and draw them.

import { BotError } from '../../core/error.ts';
import type { GoldenFrame, Size, Tools, Window } from '../../core/media.ts';
import { writeDurably } from '../files.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { pngSize } from './png.ts';
import { createSink } from './sink.ts';

export const FRAME_TIMEOUT_MS = 120_000;
const MOST_PNG_BYTES = 256 * 1024 * 1024;

/**
 * Seeking before the input is exact when frames are decoded: ffmpeg starts at the key frame before and drops what comes before `atS`.
 * One frame, its time set to 0, so that it meets the golden's.
 */
export function seek(file: string, atS: number, options: readonly string[] = []) {
  return { file, options: [...options, '-ss', String(atS)] };
}

const ONE_FRAME = 'trim=end_frame=1,setpts=0,setsar=1';

/** Both go through RGB, as the golden did when it was made: same matrix, same range. */
export function comparisonGraph({ width, height }: Size): string {
  return [
    `[0:V:0]${ONE_FRAME},scale=${width}:${height}:flags=bicubic,format=rgb24,split[now1][now2]`,
    `[1:v:0]${ONE_FRAME},format=rgb24,split[gold1][gold2]`,
    '[now1]format=gbrp[now]',
    '[gold1]format=gbrp[gold]',
    '[now][gold]ssim[measured]',
    '[gold2]format=gray[gold_y]',
    '[now2]format=gray[now_y]',
    '[gold_y][now_y]vstack[planes]',
  ].join(';');
}

/** Golden, current, and eight times their difference. */
function diffGraph({ width, height }: Size, lowest: Window): string {
  const box = `drawbox=x=${lowest.x}:y=${lowest.y}:w=${lowest.width}:h=${lowest.height}:color=red:t=1`;
  const eight = ['r', 'g', 'b'].map((plane) => `${plane}='clip(val*8,0,255)'`).join(':');
  return [
    `[0:V:0]${ONE_FRAME},scale=${width}:${height}:flags=bicubic,format=rgb24,split[now1][now2]`,
    `[1:v:0]${ONE_FRAME},format=rgb24,split[gold1][gold2]`,
    '[gold1]format=gbrp[gold]',
    '[now1]format=gbrp[now]',
    `[gold][now]blend=all_mode=difference,lutrgb=${eight},format=rgb24,${box}[diff]`,
    `[now2]${box}[boxed]`,
    '[gold2][boxed][diff]hstack=inputs=3[out]',
  ].join(';');
}

export async function frameAsPng(file: string, atS: number, tools: Tools, signal: AbortSignal): Promise<Uint8Array | null> {
  const sink = createSink(MOST_PNG_BYTES);
  await runFfmpeg(tools.ffmpeg, {
    inputs: [seek(file, atS)],
    outputOptions: [
      '-filter_complex',
      `[0:V:0]${ONE_FRAME},scale=flags=bicubic,format=rgb24[out]`,
      '-map',
      '[out]',
      '-frames:v',
      '1',
      '-c:v',
      'png',
    ],
    format: 'image2pipe',
    pipeTo: sink.stream,
    timeoutMs: FRAME_TIMEOUT_MS,
    signal,
  });
  const bytes = sink.bytes();
  return bytes.length === 0 ? null : bytes;
}

export async function writeDiff(
  diff: { readonly file: string; readonly frame: GoldenFrame; readonly lowest: Window; readonly to: string; readonly signal: AbortSignal },
  tools: Tools,
): Promise<void> {
  const golden = await pngSize(diff.frame.png);
  if (golden.kind !== 'png') {
    throw new BotError({ code: 'media-unreadable', message: `There is no golden frame to draw against: ${diff.frame.png}`, hint: null });
  }
  const sink = createSink(MOST_PNG_BYTES);
  await runFfmpeg(tools.ffmpeg, {
    inputs: [seek(diff.file, diff.frame.atS), { file: diff.frame.png }],
    outputOptions: ['-filter_complex', diffGraph(golden.size, diff.lowest), '-map', '[out]', '-frames:v', '1', '-c:v', 'png'],
    format: 'image2pipe',
    pipeTo: sink.stream,
    timeoutMs: FRAME_TIMEOUT_MS,
    signal: diff.signal,
  });
  await writeDurably(diff.to, sink.bytes());
}
