// SSIM of two gray planes after Wang 2004: a Gaussian window at every position. The numbers are those of ssim.js in its exact mode (`fast`, without
// downsampling), and a test holds them to it. Its faster modes pass frames that this one fails, and its exact one is many times slower.
// The loops are compiled from assembly/ssim.ts.

import { readFileSync } from 'node:fs';
import type { Window } from '../../core/media.ts';

export const WINDOW = 11;
const LAST = WINDOW - 1;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

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

/** What assembly/ssim.ts exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly weigh: (...weightsAndConstants: readonly number[]) => void;
  readonly begin: (width: number, height: number) => number;
  readonly takeRow: (y: number) => number;
  readonly lowest: { readonly value: number };
  readonly lowestX: { readonly value: number };
  readonly lowestY: { readonly value: number };
}

let opened: Kernel | null = null;

/** The planes have at least the size of a window. */
export function score({ width, height, bytes }: Planes): Score {
  opened ??= openKernel();
  const { memory, begin, takeRow, lowest, lowestX: x, lowestY: y } = opened;
  const at = begin(width, height);
  new Uint8Array(memory.buffer, at, 2 * width * height).set(bytes);
  let sum = 0;
  for (let row = 0; row < height; row += 1) sum += takeRow(row);
  return {
    mean: sum / ((width - LAST) * (height - LAST)),
    lowest: { x: x.value, y: y.value, width: WINDOW, height: WINDOW, ssim: lowest.value },
  };
}

function openKernel(): Kernel {
  const module = new WebAssembly.Module(readFileSync(new URL('./ssim.wasm', import.meta.url)));
  const kernel = new WebAssembly.Instance(module).exports as Kernel;
  kernel.weigh(...weights(), C1, C2);
  return kernel;
}

/** Of a window's one half and its middle: the other half is the same. */
function weights(): readonly number[] {
  const bell = Array.from({ length: WINDOW }, (_, tap) => Math.exp(-((tap - LAST / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = bell.reduce((one, other) => one + other, 0);
  return bell.slice(0, LAST / 2 + 1).map((weight) => weight / sum);
}
