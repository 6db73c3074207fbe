import { ssim } from 'ssim.js';
import { expect, onTestFinished, test } from 'vitest';
import { score } from '../../../src/host/media/ssim.ts';
import { bandsOf, joined } from '../../../src/host/media/ssim-bands.ts';
import { openSsimLane } from '../../../src/host/media/ssim-lane.ts';

const [width, height] = [40, 25];
const WHOLE = { top: 0, windows: height - 10 };

/** Golden, and behind it the same with noise and one black window. */
function pair(): Uint8Array {
  const size = width * height;
  const bytes = new Uint8Array(2 * size);
  for (let pixel = 0; pixel < size; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    bytes[pixel] = 128 + 60 * Math.sin(x / 5) + 40 * Math.cos(y / 3);
    const isBlack = x >= 22 && x < 33 && y >= 11 && y < 22;
    bytes[size + pixel] = isBlack ? 0 : (bytes[pixel] ?? 0) + ((pixel * 7919) % 9);
  }
  return bytes;
}

function image(bytes: Uint8Array, from: number) {
  const gray = bytes.subarray(from, from + width * height);
  return { width, height, data: new Uint8ClampedArray([...gray].flatMap((value) => [value, value, value, 255])) };
}

test.each(['fast', 'original'] as const)(
  'the score is that of ssim.js in its exact mode "%s", and the lowest window the one that was damaged',
  (mode) => {
    const bytes = pair();
    const { mssim, ssim_map } = ssim(image(bytes, 0), image(bytes, width * height), { ssim: mode, downsample: false });
    const { mean, lowest } = score({ width, height, bytes }, WHOLE);
    expect(Math.abs(mean - mssim)).toBeLessThan(1e-12);
    expect(mean).toBeLessThan(0.995);
    expect(Math.abs(lowest.ssim - Math.min(...ssim_map.data))).toBeLessThan(1e-12);
    expect(lowest.y * (width - 10) + lowest.x).toBe(ssim_map.data.indexOf(Math.min(...ssim_map.data)));
  },
);

test.each([1, 2, 3, 7, 100])('a picture cut into at most %i bands has the score of the whole', (most) => {
  const planes = { width, height, bytes: pair() };
  const whole = score(planes, WHOLE);
  const bands = bandsOf(planes, most);
  expect(bands).toHaveLength(Math.min(most, height - 10));
  const { mean, lowest } = joined(bands.map((band) => ({ band, score: score(planes, band) })));
  expect(Math.abs(mean - whole.mean)).toBeLessThan(1e-12);
  expect(lowest).toEqual(whole.lowest);
});

test('what comes near to the threshold is scored by the package itself, in a thread, to the same number', async () => {
  const planes = { width, height, bytes: pair() };
  const lane = openSsimLane();
  onTestFinished(lane.close);
  const [ours, theirs, again] = await Promise.all([lane.score(planes, WHOLE), lane.packageMean(planes), lane.score(planes, WHOLE)]);
  expect(Math.abs(ours.mean - theirs)).toBeLessThan(1e-12);
  expect(again).toEqual(ours);
});
