// The loops of src/host/media/ssim.ts in AssemblyScript: two windows at a time, in the same doubles as JavaScript and several times as fast.
// `npm run kernel` compiles it to src/host/media/ssim.wasm; a test holds the one to the other.

const WINDOW: u32 = 11;
const LAST: u32 = WINDOW - 1;
const NUMBER: usize = sizeof<f64>();
const PAIR: usize = 2 * NUMBER;
const LINE: usize = 64;
const PAGE: usize = 0x10000;

/** Golden, current, the sum of their squares, their product. */
const PARTS: u32 = 4;

/** Below it lies what the compiler put there. */
const PIXELS: usize = 1024;

// Behind the pixels, a row of numbers for each part: for each part a ring of the rows of one window; for each part a row weighed both ways; the
// scores of a row; the planes.
let rowBytes: usize = 0;
let rings: usize = 0;
let weighed: usize = 0;
let scores: usize = 0;
let planes: usize = 0;

let width: u32 = 0;
let height: u32 = 0;
/** Windows in a row. */
let across: u32 = 0;

let k0 = f64x2.splat(0);
let k1 = f64x2.splat(0);
let k2 = f64x2.splat(0);
let k3 = f64x2.splat(0);
let k4 = f64x2.splat(0);
let k5 = f64x2.splat(0);
let c1 = f64x2.splat(0);
let c2 = f64x2.splat(0);

/** Of the rows scored since `begin`: the lowest window, and where it begins. */
export let lowest: f64 = 0;
export let lowestX: u32 = 0;
export let lowestY: u32 = 0;

/** A window's weights from its end to its middle, and the constants of SSIM. */
export function weigh(w0: f64, w1: f64, w2: f64, w3: f64, w4: f64, w5: f64, luminance: f64, contrast: f64): void {
  k0 = f64x2.splat(w0);
  k1 = f64x2.splat(w1);
  k2 = f64x2.splat(w2);
  k3 = f64x2.splat(w3);
  k4 = f64x2.splat(w4);
  k5 = f64x2.splat(w5);
  c1 = f64x2.splat(luminance);
  c2 = f64x2.splat(contrast);
}

/** Makes room and answers where the planes go: golden first, current behind it, width x height bytes each. */
export function begin(pixelsAcross: u32, pixelsDown: u32): usize {
  width = pixelsAcross;
  height = pixelsDown;
  across = width - LAST;
  lowest = Infinity;
  // The last pair of a row may be half beyond its end; a row that begins a cache line is read faster.
  rowBytes = ((<usize>width + 1) * NUMBER + LINE - 1) & ~(LINE - 1);
  rings = PIXELS + <usize>PARTS * rowBytes;
  weighed = rings + <usize>(PARTS * WINDOW) * rowBytes;
  scores = weighed + <usize>PARTS * rowBytes;
  planes = scores + rowBytes;
  const pages = (planes + 2 * <usize>width * <usize>height + PAGE - 1) / PAGE;
  const missing = <i32>pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  return planes;
}

/**
 * Takes the next row of pixels; answers the sum of the scores of the windows that end in it. A row a call: what is called often is soon
 * compiled well.
 */
export function takeRow(y: u32): f64 {
  read(planes + <usize>(y * width), planes + <usize>((height + y) * width));
  for (let part: u32 = 0; part < PARTS; part += 1) alongRow(PIXELS + <usize>part * rowBytes, ringRow(part, y));
  if (y < LAST) return 0;
  for (let part: u32 = 0; part < PARTS; part += 1) downRows(part, y - LAST, weighed + <usize>part * rowBytes);
  compare();
  let sum: f64 = 0;
  for (let x: u32 = 0; x < across; x += 1) {
    const ssim = load<f64>(scores + <usize>x * NUMBER);
    sum += ssim;
    if (ssim < lowest) {
      lowest = ssim;
      lowestX = x;
      lowestY = y - LAST;
    }
  }
  return sum;
}

function ringRow(part: u32, y: u32): usize {
  return rings + <usize>(part * WINDOW + (y % WINDOW)) * rowBytes;
}

function read(golden: usize, current: usize): void {
  for (let x: usize = 0; x < <usize>width; x += 1) {
    const one = <f64>load<u8>(golden + x);
    const other = <f64>load<u8>(current + x);
    const at = PIXELS + x * NUMBER;
    store<f64>(at, one);
    store<f64>(at + rowBytes, other);
    store<f64>(at + 2 * rowBytes, one * one + other * other);
    store<f64>(at + 3 * rowBytes, one * other);
  }
}

function alongRow(from: usize, into: usize): void {
  const end = from + <usize>across * NUMBER;
  for (let at = from; at < end; at += PAIR) {
    const ends = plus(bothTimes(k0, at, at + 10 * NUMBER), bothTimes(k1, at + NUMBER, at + 9 * NUMBER));
    const next = plus(bothTimes(k2, at + 2 * NUMBER, at + 8 * NUMBER), bothTimes(k3, at + 3 * NUMBER, at + 7 * NUMBER));
    const middle = plus(bothTimes(k4, at + 4 * NUMBER, at + 6 * NUMBER), times(k5, v128.load(at + 5 * NUMBER)));
    v128.store(into + (at - from), plus(plus(ends, next), middle));
  }
}

function downRows(part: u32, top: u32, into: usize): void {
  const r0 = ringRow(part, top);
  const r1 = ringRow(part, top + 1);
  const r2 = ringRow(part, top + 2);
  const r3 = ringRow(part, top + 3);
  const r4 = ringRow(part, top + 4);
  const r5 = ringRow(part, top + 5);
  const r6 = ringRow(part, top + 6);
  const r7 = ringRow(part, top + 7);
  const r8 = ringRow(part, top + 8);
  const r9 = ringRow(part, top + 9);
  const r10 = ringRow(part, top + 10);
  const end = <usize>across * NUMBER;
  for (let x: usize = 0; x < end; x += PAIR) {
    const ends = plus(bothTimes(k0, r0 + x, r10 + x), bothTimes(k1, r1 + x, r9 + x));
    const next = plus(bothTimes(k2, r2 + x, r8 + x), bothTimes(k3, r3 + x, r7 + x));
    const middle = plus(bothTimes(k4, r4 + x, r6 + x), times(k5, v128.load(r5 + x)));
    v128.store(into + x, plus(plus(ends, next), middle));
  }
}

function compare(): void {
  const two = f64x2.splat(2);
  const end = weighed + <usize>across * NUMBER;
  for (let at = weighed; at < end; at += PAIR) {
    const golden = v128.load(at);
    const current = v128.load(at + rowBytes);
    const squares = v128.load(at + 2 * rowBytes);
    const products = v128.load(at + 3 * rowBytes);
    const power = plus(times(golden, golden), times(current, current));
    const product = times(golden, current);
    const alike = times(plus(times(two, product), c1), plus(times(two, minus(products, product)), c2));
    const most = times(plus(power, c1), plus(minus(squares, power), c2));
    v128.store(scores + (at - weighed), f64x2.div(alike, most));
  }
}

/** A window is symmetric: two taps share a weight. */
function bothTimes(weight: v128, one: usize, other: usize): v128 {
  return times(weight, plus(v128.load(one), v128.load(other)));
}

function plus(one: v128, other: v128): v128 {
  return f64x2.add(one, other);
}

function minus(one: v128, other: v128): v128 {
  return f64x2.sub(one, other);
}

function times(one: v128, other: v128): v128 {
  return f64x2.mul(one, other);
}
