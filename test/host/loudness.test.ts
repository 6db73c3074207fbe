// The real ffmpeg, held to what EBU Tech 3341 (loudness, true peak) and 3342 (range) say a meter must show.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeLoudness } from '../../src/checks/loudness.ts';
import type { Loudness } from '../../src/core/media.ts';
import { createBinaries } from '../../src/host/media/binaries.ts';
import { createMedia } from '../../src/host/media/media.ts';
import { type Part, type Tone, writeTone } from '../support/wav.ts';

const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
const media = createMedia({ env });
const NEVER = new AbortController().signal;
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dhash-loudness-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function measured(tone: Tone): Promise<Loudness> {
  files += 1;
  const file = join(folder, `${files}.wav`);
  await writeTone(file, tone);
  return media.loudness(file, NEVER);
}

const stereo = (dbfs: number, seconds: number): Part => ({ seconds, dbfs: [dbfs, dbfs] });
const QUARTER = 0.25;
/** Parts of one channel, 3.01 dB louder: the same loudness as on two, for half the work. */
const parts = (by: number, each: readonly (readonly [number, number])[]): Tone => ({
  mask: 0x4,
  parts: each.map(([dbfs, seconds]) => ({ seconds: seconds * by, dbfs: [dbfs + 3.01] })),
});

/** Up and down in small steps: a tone that begins at once really peaks above its level. */
function faded(dbfs: number): readonly Part[] {
  const up = Array.from({ length: 20 }, (_, step) => stereo(dbfs + 20 * Math.log10((step + 1) / 20), 0.01));
  return [...up, stereo(dbfs, 0.5), ...up.toReversed()];
}

// The standard's lengths are shortened where the answer does not depend on them: parts still are many blocks of 400 ms (or of 3 s for the range).
describe.concurrent('EBU Tech 3341 and 3342', () => {
  test.for<[string, Tone, number]>([
    ['1: a steady tone', { parts: [stereo(-23, 5)] }, -23],
    ['2: a quieter one', { parts: [stereo(-33, 5)] }, -33],
    [
      '3: quiet parts are gated out relatively',
      parts(QUARTER, [
        [-36, 10],
        [-23, 60],
        [-36, 10],
      ]),
      -23,
    ],
    [
      '4: nearly silent parts are gated out absolutely',
      parts(QUARTER, [
        [-72, 10],
        [-36, 10],
        [-23, 60],
        [-36, 10],
        [-72, 10],
      ]),
      -23,
    ],
    [
      '5: parts around the gate',
      parts(QUARTER, [
        [-26, 20],
        [-20, 20.1],
        [-26, 20],
      ]),
      -23,
    ],
    ['6: five channels', { mask: 0x37, parts: [{ seconds: 2, dbfs: [-28, -28, -24, -30, -30] }] }, -23],
    ['6 with a loud LFE, which does not count', { mask: 0x3f, parts: [{ seconds: 2, dbfs: [-28, -28, -24, -6, -30, -30] }] }, -23],
    ['1 at 44.1 kHz', { rate: 44_100, parts: [stereo(-23, 2)] }, -23],
    ['1 at 96 kHz', { rate: 96_000, parts: [stereo(-23, 2)] }, -23],
    ['1 on one channel, which counts once', { mask: 0x4, parts: [{ seconds: 2, dbfs: [-23] }] }, -26],
  ])('integrated loudness, case %s', async ([, tone, lufs]) => {
    const { integratedLufs } = await measured(tone);
    expect(Math.abs((integratedLufs.value ?? Number.NaN) - lufs), JSON.stringify(integratedLufs)).toBeLessThanOrEqual(0.1 + 1e-9);
  });

  test.for<[string, Tone, number]>([
    ['15: a quarter of the rate', { period: 4, parts: faded(-6.02) }, -6],
    ['16: a quarter of the rate, 45 degrees', { period: 4, phaseDegrees: 45, parts: faded(-6.02) }, -6],
    ['17: a sixth of the rate, 60 degrees', { period: 6, phaseDegrees: 60, parts: faded(-6.02) }, -6],
    ['18: an eighth of the rate, 67.5 degrees', { period: 8, phaseDegrees: 67.5, parts: faded(-6.02) }, -6],
    ['19: above full scale between the samples', { period: 4, phaseDegrees: 45, parts: faded(3) }, 3],
  ])('true peak, case %s', async ([, tone, dbtp]) => {
    const { truePeakDbtp } = await measured(tone);
    const off = (truePeakDbtp.value ?? Number.NaN) - dbtp;
    expect(off, JSON.stringify(truePeakDbtp)).toBeLessThanOrEqual(0.2 + 1e-9);
    expect(off, JSON.stringify(truePeakDbtp)).toBeGreaterThanOrEqual(-0.4 - 1e-9);
  });

  test.for<[string, Tone, number]>([
    [
      '1: ten apart',
      parts(0.5, [
        [-20, 20],
        [-30, 20],
      ]),
      10,
    ],
    [
      '2: five apart',
      parts(0.5, [
        [-20, 20],
        [-15, 20],
      ]),
      5,
    ],
    [
      '3: twenty apart',
      parts(0.5, [
        [-40, 20],
        [-20, 20],
      ]),
      20,
    ],
    [
      '4: with parts under the gate',
      parts(1, [
        [-50, 20],
        [-35, 20],
        [-20, 20],
        [-35, 20],
        [-50, 20],
      ]),
      15,
    ],
  ])('loudness range, case %s', async ([, tone, lu]) => {
    const { rangeLu } = await measured(tone);
    expect(Math.abs((rangeLu.value ?? Number.NaN) - lu), JSON.stringify(rangeLu)).toBeLessThanOrEqual(1);
  });
});

test.concurrent('silence reads as the floor, and has no peak that could be compared', async () => {
  const { integratedLufs, truePeakDbtp } = await measured({ parts: [{ seconds: 1, dbfs: [null, null] }] });
  expect(integratedLufs).toEqual({ value: -70 });
  expect(truePeakDbtp).toEqual({ value: null, why: 'digital silence, -inf dBFS' });
});

test.concurrent('less than 400 ms has no loudness, but a peak', async () => {
  const { integratedLufs, truePeakDbtp } = await measured({ parts: [stereo(-10, 0.3)] });
  expect(integratedLufs).toMatchObject({ value: null, why: expect.stringContaining('there are no 400 ms of audio to measure') });
  expect(truePeakDbtp).toEqual({ value: -10 });
});

test.concurrent('pictures without audio answer that, and what is no media file is an error', async () => {
  const png = join(folder, 'pixel.png');
  await writeFile(png, Buffer.from(PIXEL, 'base64'));
  const none = { value: null, why: 'there is no audio stream' };
  expect(await media.loudness(png, NEVER)).toMatchObject({ integratedLufs: none, rangeLu: none, truePeakDbtp: none });
  await expect(media.loudness(import.meta.filename, NEVER)).rejects.toMatchObject({ code: 'media-unreadable' });
});

test.concurrent('a copy made 40 dB quieter fails, by the numbers', async () => {
  const [golden, copy] = await Promise.all([measured({ parts: [stereo(-23, 2)] }), measured({ parts: [stereo(-63, 2)] })]);
  const { lufs, peak } = judgeLoudness({
    measured: copy,
    golden: {
      integratedLufs: golden.integratedLufs.value,
      rangeLu: golden.rangeLu.value,
      truePeakDb: golden.truePeakDbtp.value,
      note: null,
    },
    tolerances: { lufsTolerance: 1, truePeakTolerance: 1 },
  });
  expect(lufs).toMatchObject({
    kind: 'fail',
    detail: expect.stringMatching(/^integrated loudness -6[23]\.\d LUFS, golden -23\.0 LUFS: -(39|40)/),
  });
  expect(peak).toMatchObject({ kind: 'fail', detail: expect.stringMatching(/^true peak -6[23]\.\d dBTP, golden -23\.0 dBTP: -(39|40)/) });
});

test.concurrent('without any ffmpeg the error says how to install one', async () => {
  const binary = createBinaries({ PATH: '' }, () => null);
  await expect(binary('ffmpeg')).rejects.toMatchObject({
    code: 'media-tool-missing',
    message: expect.stringContaining('There is no ffmpeg'),
    hint: expect.stringContaining('apt-get install ffmpeg'),
  });
});
