// Small real videos, made by the ffmpeg that is tested with.

import { execFileSync } from 'node:child_process';
import { createMedia } from '../../src/host/media/media.ts';
import { hostEnv } from '../host/support/commands.ts';

export const media = createMedia({ env: hostEnv() });
export const NEVER = new AbortController().signal;

const { ffmpeg } = await media.tools();

/** Runs ffmpeg and answers what it writes to stdout. */
export function ffmpegSays(...words: readonly string[]): Buffer {
  return execFileSync(ffmpeg.path, ['-y', '-v', 'error', ...words], { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Moving, colored, soft enough that SSIM stands near 1 after a good encoding. */
export function source(seconds: number, size = '160x90', rate = '30'): readonly string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds},boxblur=2,hue=s=0.5`];
}

/** The frame as a whole decode from the beginning finds it: slow and beyond doubt. */
export function sequentialPng(file: string, atS: number): Buffer {
  const graph = `[0:V:0]select='gte(t-${atS},-0.00001)',setpts=0,setsar=1,scale=flags=bicubic,format=rgb24[out]`;
  return ffmpegSays('-i', file, '-filter_complex', graph, '-map', '[out]', '-frames:v', '1', '-f', 'image2pipe', '-c:v', 'png', '-');
}
