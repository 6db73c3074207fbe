// EBU Tech 3341 (loudness, true peak) and 3342 (range): what a meter must show, and the tests that hold the real ffmpeg to it.

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Loudness } from '../../src/core/media.ts';
import { media, NEVER } from './videos.ts';
import { type Part, type Tone, writeTone } from './wav.ts';

export type Measure = (tone: Tone) => Promise<Loudness>;

/** Each tone in a file of its own. */
export function meterIn(folder: () => string): Measure {
  let files = 0;
  return async (tone) => {
    files += 1;
    const file = join(folder(), `${files}.wav`);
    await writeTone(file, tone);
    return media.loudness(file, NEVER);
  };
}

export const stereo = (dbfs: number, seconds: number): Part => ({ seconds, dbfs: [dbfs, dbfs] });
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

type Case = readonly [title: string, tone: Tone, value: number];

// The standard's lengths are shortened where the answer does not depend on them: parts still are many blocks of 400 ms (or of 3 s for the range).
const LOUDNESS: readonly Case[] = [
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
];

const PEAKS: readonly Case[] = [
  ['15: a quarter of the rate', { period: 4, parts: faded(-6.02) }, -6],
  ['16: a quarter of the rate, 45 degrees', { period: 4, phaseDegrees: 45, parts: faded(-6.02) }, -6],
  ['17: a sixth of the rate, 60 degrees', { period: 6, phaseDegrees: 60, parts: faded(-6.02) }, -6],
  ['18: an eighth of the rate, 67.5 degrees', { period: 8, phaseDegrees: 67.5, parts: faded(-6.02) }, -6],
  ['19: above full scale between the samples', { period: 4, phaseDegrees: 45, parts: faded(3) }, 3],
];

const RANGES: readonly Case[] = [
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
];

/** Those whose title is wanted. */
export function describeEbu(measured: Measure, isWanted: (title: string) => boolean): void {
  const wanted = (cases: readonly Case[]) => cases.filter(([title]) => isWanted(title));
  describe.concurrent('EBU Tech 3341 and 3342', () => {
    test.for(wanted(LOUDNESS))('integrated loudness, case %s', async ([, tone, lufs]) => {
      const { integratedLufs } = await measured(tone);
      expect(Math.abs((integratedLufs.value ?? Number.NaN) - lufs), JSON.stringify(integratedLufs)).toBeLessThanOrEqual(0.1 + 1e-9);
    });
    test.for(wanted(PEAKS))('true peak, case %s', async ([, tone, dbtp]) => {
      const { truePeakDbtp } = await measured(tone);
      const off = (truePeakDbtp.value ?? Number.NaN) - dbtp;
      expect(off, JSON.stringify(truePeakDbtp)).toBeLessThanOrEqual(0.2 + 1e-9);
      expect(off, JSON.stringify(truePeakDbtp)).toBeGreaterThanOrEqual(-0.4 - 1e-9);
    });
    test.for(wanted(RANGES))('loudness range, case %s', async ([, tone, lu]) => {
      const { rangeLu } = await measured(tone);
      expect(Math.abs((rangeLu.value ?? Number.NaN) - lu), JSON.stringify(rangeLu)).toBeLessThanOrEqual(1);
    });
  });
}
