// SSIM of two gray planes after Wang 2004: a Gaussian window at every position. The numbers are those of ssim.js in its exact mode (`fast`, without
// downsampling), and a test holds them to it. Its faster modes pass frames that this one fails, and its exact one is many times slower.

import type { Window } from '../../core/media.ts';

export const WINDOW = 11;
const LAST = WINDOW - 1;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** The weights of a window's one half and its middle: the other half is the same. */
const [K0 = 0, K1 = 0, K2 = 0, K3 = 0, K4 = 0, K5 = 0] = weights();

export interface Planes {
  readonly width: number;
  readonly height: number;
  /** Golden first, current behind it: width x height bytes each. */
  readonly bytes: Uint8Array;
}

/** Rows of windows: the first one's row, and how many. */
export interface Band {
  readonly top: number;
  readonly windows: number;
}

export interface Score {
  readonly mean: number;
  readonly lowest: Window;
}

interface Row {
  readonly golden: Float64Array;
  readonly current: Float64Array;
  /** Of both together: SSIM asks for their sum only. */
  readonly squares: Float64Array;
  readonly products: Float64Array;
}

/** Of the windows of a band, which has at least one. */
export function score(planes: Planes, { top, windows }: Band): Score {
  const { width } = planes;
  const across = width - LAST;
  const pixels = newRow(width);
  const weighed = newRow(across);
  const rows = Array.from({ length: WINDOW }, () => newRow(across));
  let sum = 0;
  let lowest: Window = { x: 0, y: 0, width: WINDOW, height: WINDOW, ssim: Number.POSITIVE_INFINITY };
  for (let y = top; y < top + windows + LAST; y += 1) {
    read(planes, y, pixels);
    const oldest = rows.shift();
    if (oldest === undefined) throw new Error('a window has rows');
    rows.push(oldest);
    for (const part of PARTS) alongRow(pixels[part], oldest[part]);
    if (y < top + LAST) continue;
    for (const part of PARTS)
      downRows(
        rows.map((row) => row[part]),
        weighed[part],
      );
    const found = compare(weighed);
    sum += found.sum;
    if (found.least < lowest.ssim) lowest = { ...lowest, x: found.x, y: y - LAST, ssim: found.least };
  }
  return { mean: sum / (across * windows), lowest };
}

const PARTS = ['golden', 'current', 'squares', 'products'] as const;

function newRow(width: number): Row {
  const part = () => new Float64Array(width);
  return { golden: part(), current: part(), squares: part(), products: part() };
}

function read({ width, height, bytes }: Planes, y: number, { golden, current, squares, products }: Row): void {
  for (let x = 0; x < width; x += 1) {
    const one = bytes[y * width + x] ?? 0;
    const other = bytes[(height + y) * width + x] ?? 0;
    golden[x] = one;
    current[x] = other;
    squares[x] = one * one + other * other;
    products[x] = one * other;
  }
}

/** The values wander through variables: each is read from memory once. */
function alongRow(from: Float64Array, into: Float64Array): void {
  let [v0 = 0, v1 = 0, v2 = 0, v3 = 0, v4 = 0, v5 = 0, v6 = 0, v7 = 0, v8 = 0, v9 = 0] = from;
  for (let x = 0; x < into.length; x += 1) {
    const v10 = from[x + LAST] ?? 0;
    into[x] = K0 * (v0 + v10) + K1 * (v1 + v9) + K2 * (v2 + v8) + K3 * (v3 + v7) + K4 * (v4 + v6) + K5 * v5;
    v0 = v1;
    v1 = v2;
    v2 = v3;
    v3 = v4;
    v4 = v5;
    v5 = v6;
    v6 = v7;
    v7 = v8;
    v8 = v9;
    v9 = v10;
  }
}

function downRows(rows: readonly Float64Array[], into: Float64Array): void {
  const none = into;
  const [r0 = none, r1 = none, r2 = none, r3 = none, r4 = none, r5 = none, r6 = none, r7 = none, r8 = none, r9 = none, r10 = none] = rows;
  for (let x = 0; x < into.length; x += 1) {
    const ends = K0 * ((r0[x] ?? 0) + (r10[x] ?? 0)) + K1 * ((r1[x] ?? 0) + (r9[x] ?? 0)) + K2 * ((r2[x] ?? 0) + (r8[x] ?? 0));
    into[x] = ends + K3 * ((r3[x] ?? 0) + (r7[x] ?? 0)) + K4 * ((r4[x] ?? 0) + (r6[x] ?? 0)) + K5 * (r5[x] ?? 0);
  }
}

function compare({ golden, current, squares, products }: Row): { readonly sum: number; readonly least: number; readonly x: number } {
  let [sum, least, at] = [0, Number.POSITIVE_INFINITY, 0];
  for (let x = 0; x < golden.length; x += 1) {
    const one = golden[x] ?? 0;
    const other = current[x] ?? 0;
    const power = one * one + other * other;
    const product = one * other;
    const alike = (2 * product + C1) * (2 * ((products[x] ?? 0) - product) + C2);
    const ssim = alike / ((power + C1) * ((squares[x] ?? 0) - power + C2));
    sum += ssim;
    if (ssim < least) {
      least = ssim;
      at = x;
    }
  }
  return { sum, least, x: at };
}

function weights(): readonly number[] {
  const bell = Array.from({ length: WINDOW }, (_, tap) => Math.exp(-((tap - LAST / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = bell.reduce((one, other) => one + other, 0);
  return bell.map((weight) => weight / sum);
}
