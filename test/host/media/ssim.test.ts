import { ssim } from 'ssim.js';
import { expect, onTestFinished, test } from 'vitest';
import { score } from '../../../src/host/media/ssim.ts';
import { openSsimLane } from '../../../src/host/media/ssim-lane.ts';

/** Golden, and behind it the same with noise and one black window at its end. */
function pair(width: number, height: number): Uint8Array {
  const size = width * height;
  const bytes = new Uint8Array(2 * size);
  for (let pixel = 0; pixel < size; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    bytes[pixel] = 128 + 60 * Math.sin(x / 5) + 40 * Math.cos(y / 3);
    const isBlack = x >= width - 11 && y >= height - 11;
    bytes[size + pixel] = isBlack ? 0 : (bytes[pixel] ?? 0) + ((pixel * 7919) % 9);
  }
  return bytes;
}

function image(bytes: Uint8Array, index: 0 | 1, width: number, height: number) {
  const gray = bytes.subarray(index * width * height, (index + 1) * width * height);
  return { width, height, data: new Uint8ClampedArray([...gray].flatMap((value) => [value, value, value, 255])) };
}

// Odd widths end in half a pair; a small picture after a large one finds what the large one left behind.
test.each([
  { width: 40, height: 25 },
  { width: 301, height: 200 },
  { width: 11, height: 11 },
  { width: 12, height: 11 },
  { width: 13, height: 30 },
])('the score of $width x $height is that of ssim.js in its exact modes, and the lowest window the one that was damaged', (size) => {
  const { width, height } = size;
  const bytes = pair(width, height);
  const { mean, lowest } = score({ ...size, bytes });
  for (const mode of ['fast', 'original'] as const) {
    const { mssim, ssim_map } = ssim(image(bytes, 0, width, height), image(bytes, 1, width, height), { ssim: mode, downsample: false });
    expect(Math.abs(mean - mssim)).toBeLessThan(1e-12);
    expect(Math.abs(lowest.ssim - Math.min(...ssim_map.data))).toBeLessThan(1e-12);
    expect(lowest.y * (width - 10) + lowest.x).toBe(ssim_map.data.indexOf(Math.min(...ssim_map.data)));
  }
  expect(mean).toBeLessThan(0.995);
});

test('a picture is wholly like itself', () => {
  const golden = pair(64, 48).subarray(0, 64 * 48);
  expect(score({ width: 64, height: 48, bytes: new Uint8Array([...golden, ...golden]) })).toMatchObject({ mean: 1, lowest: { ssim: 1 } });
});

test('what comes near to the threshold is scored by the package itself, in a thread, to the same number', async () => {
  const planes = { width: 40, height: 25, bytes: pair(40, 25) };
  const lane = openSsimLane();
  onTestFinished(lane.close);
  const [ours, theirs, again] = await Promise.all([lane.score(planes), lane.packageMean(planes), lane.score(planes)]);
  expect(Math.abs(ours.mean - theirs)).toBeLessThan(1e-12);
  expect(again).toEqual(ours);
});
