// SSIM of two gray planes by ssim.js. `bezkrovny` without downsampling: in a test of 140 degraded frames it let nothing through that the
// reference (Wang, Gaussian window) fails, and costs a ninth of `weber`. With downsampling ssim.js let a quarter of them through.

import { bezkrovnySsim } from 'ssim.js/dist/bezkrovnySsim.js';
import type { Window } from '../../core/media.ts';

export const WINDOW = 11;

export interface Planes {
  readonly width: number;
  readonly height: number;
  /** Golden first, current behind it: width x height bytes each. */
  readonly bytes: Uint8Array;
}

export interface Score {
  readonly mean: number;
  readonly lowest: Window;
}

export function score({ width, height, bytes }: Planes): Score {
  const size = width * height;
  const plane = (from: number) => {
    // ssim.js wants a plain array; Array.from would ask an iterator two million times.
    const data = new Array<number>(size);
    for (let pixel = 0; pixel < size; pixel += 1) data[pixel] = bytes[from + pixel] ?? 0;
    return { width, height, data };
  };
  const map = bezkrovnySsim(plane(0), plane(size), {
    ssim: 'bezkrovny',
    windowSize: WINDOW,
    bitDepth: 8,
    k1: 0.01,
    k2: 0.03,
    rgb2grayVersion: 'integer',
    downsample: false,
  });
  let sum = 0;
  let at = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, value] of map.data.entries()) {
    sum += value;
    if (value < least) {
      least = value;
      at = index;
    }
  }
  const x = (at % map.width) * WINDOW;
  const y = Math.floor(at / map.width) * WINDOW;
  const lowest = { x, y, width: Math.min(WINDOW, width - x), height: Math.min(WINDOW, height - y), ssim: least };
  return { mean: sum / map.data.length, lowest };
}
