// The score as the package ssim.js has it, in its exact mode: many times slower than ours, and the judge where a verdict hangs on it.

import { ssim } from 'ssim.js';
import type { Planes } from './ssim.ts';

export function packageMean({ width, height, bytes }: Planes): number {
  const [golden, current] = [0, 1].map((index) =>
    imageOf(bytes.subarray(index * width * height, (index + 1) * width * height), width, height),
  );
  if (golden === undefined || current === undefined) throw new Error('a pair is two planes');
  return ssim(golden, current, { ssim: 'fast', downsample: false }).mssim;
}

/** Gray as the package takes pictures: red, green and blue alike, opaque. */
function imageOf(gray: Uint8Array, width: number, height: number) {
  const data = new Uint8ClampedArray(4 * gray.length).fill(255);
  for (let pixel = 0; pixel < gray.length; pixel += 1) data.fill(gray[pixel] ?? 0, 4 * pixel, 4 * pixel + 3);
  return { width, height, data };
}
