// 140 degraded frames against the reference of Wang 2004 (Gaussian window): what the reference fails must not pass.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { score } from '../../../src/host/media/ssim.ts';
import { ffmpegSays } from '../../support/videos.ts';

const [WIDTH, HEIGHT] = [960, 540];
const SIZE = WIDTH * HEIGHT;
const THRESHOLD = 0.995;
const dir = mkdtempSync(join(tmpdir(), 'dhash-ssim-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const CONTENTS = [
  'testsrc2,boxblur=2',
  'mandelbrot=maxiter=400',
  'gradients=seed=7:n=6:c0=navy:c1=orange:c2=teal:c3=white,noise=alls=4:all_seed=3',
  'life=mold=10:ratio=0.3:seed=5:death_color=#303040:life_color=#e0d0a0,gblur=1.5',
];
const FILTERS = [
  ...[0.3, 0.5, 0.7, 1, 1.5, 2].map((sigma) => `gblur=sigma=${sigma}`),
  ...[1, 3, 6, 10].map((by) => `lutyuv=y=val+${by}`),
  ...[1, 2, 4, 7, 12].map((by) => `noise=alls=${by}:all_seed=9`),
  ...[20, 50, 100].map((by) => `drawbox=x=200:y=120:w=${by}:h=${by}:c=black:t=fill`),
  'crop=w=iw-1:x=1,pad=w=iw+1',
  ...[0.95, 0.75, 0.5].map((by) => `scale=w=trunc(iw*${by}/2)*2:h=-2,scale=${WIDTH}:${HEIGHT}`),
];
const QUALITIES = [2, 8, 12, 15, 17, 19, 21, 23, 26, 29, 32, 38, 45];

function planeOf(...words: readonly string[]): Buffer {
  return ffmpegSays(...words, '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-');
}

function encoded(golden: string, crf: number): Buffer {
  const file = join(dir, 'one.mp4');
  ffmpegSays('-i', golden, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', String(crf), '-pix_fmt', 'yuv420p', file);
  return planeOf('-i', file);
}

const KERNEL = (() => {
  const raw = Array.from({ length: 11 }, (_, at) => Math.exp(-((at - 5) ** 2) / (2 * 1.5 ** 2)));
  const sum = raw.reduce((one, other) => one + other, 0);
  return raw.map((weight) => weight / sum);
})();

/** Weighed means of all windows that lie wholly inside the picture, of the products of two pictures. */
function blurred(one: Uint8Array, other: Uint8Array | null): Float64Array {
  const [width, height] = [WIDTH - 10, HEIGHT - 10];
  const rows = new Float64Array(width * HEIGHT);
  const values = Float64Array.from(one, (value, pixel) => value * (other?.[pixel] ?? 1));
  for (let y = 0; y < HEIGHT; y += 1) for (let x = 0; x < width; x += 1) rows[y * width + x] = weighed(values, y * WIDTH + x, 1);
  const both = new Float64Array(width * height);
  for (let at = 0; at < both.length; at += 1) both[at] = weighed(rows, at, width);
  return both;
}

function weighed(values: Float64Array, from: number, apart: number): number {
  let sum = 0;
  for (let tap = 0; tap < 11; tap += 1) sum += (KERNEL[tap] ?? 0) * (values[from + tap * apart] ?? 0);
  return sum;
}

function wang(golden: Uint8Array, current: Uint8Array): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  const [m1, m2] = [blurred(golden, null), blurred(current, null)];
  const [squares1, squares2, products] = [blurred(golden, golden), blurred(current, current), blurred(golden, current)];
  let sum = 0;
  for (let at = 0; at < m1.length; at += 1) {
    const [a = 0, b = 0] = [m1[at], m2[at]];
    const spread = (squares1[at] ?? 0) - a * a + (squares2[at] ?? 0) - b * b;
    sum += ((2 * a * b + c1) * (2 * ((products[at] ?? 0) - a * b) + c2)) / ((a * a + b * b + c1) * (spread + c2));
  }
  return sum / m1.length;
}

test('the score is the reference, so that nothing passes which that one fails, and nothing fails which it passes', () => {
  const found: { readonly what: string; readonly reference: number; readonly ours: number }[] = [];
  for (const [index, content] of CONTENTS.entries()) {
    const golden = join(dir, `${index}.png`);
    const [source = '', ...rest] = content.split(',');
    const sized = `${source}${source.includes('=') ? ':' : '='}s=${WIDTH}x${HEIGHT}`;
    ffmpegSays('-f', 'lavfi', '-i', [sized, ...rest].join(','), '-ss', '1', '-frames:v', '1', golden);
    const was = planeOf('-i', golden);
    const judge = (what: string, now: Buffer) => {
      const bytes = new Uint8Array(Buffer.concat([was, now]));
      expect(bytes.length, what).toBe(2 * SIZE);
      found.push({
        what: `${what} of ${source}`,
        reference: wang(was, now),
        ours: score({ width: WIDTH, height: HEIGHT, bytes }).mean,
      });
    };
    for (const filter of FILTERS) judge(filter, planeOf('-i', golden, '-vf', `format=yuv444p,${filter}`));
    for (const crf of QUALITIES) judge(`crf ${crf}`, encoded(golden, crf));
  }
  expect(found).toHaveLength(140);
  const near = found.filter(({ reference }) => reference > 0.99 && reference < 0.999);
  expect(near.length).toBeGreaterThan(15);
  const sides = (one: number, other: number) => one >= THRESHOLD === other >= THRESHOLD;
  expect(found.filter(({ reference, ours }) => !sides(reference, ours) || Math.abs(reference - ours) > 1e-9)).toEqual([]);
});
