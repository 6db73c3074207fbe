import { describe, expect, test } from 'vitest';
import { type GoldenLoudness, judgeLoudness } from '../../src/checks/loudness.ts';
import type { Loudness, Measured } from '../../src/core/media.ts';
import { TOOLS } from '../support/media.ts';

const heard = (lufs: number, peak: number, range = 5): Loudness => ({
  integratedLufs: { value: lufs },
  rangeLu: { value: range },
  truePeakDbtp: { value: peak },
  tools: TOOLS,
});
const unheard = (why: string): Measured => ({ value: null, why });
const GOLDEN: GoldenLoudness = { integratedLufs: -23, rangeLu: 5, truePeakDb: -1, note: null };
const NONE: GoldenLoudness = { integratedLufs: null, rangeLu: null, truePeakDb: null, note: 'no audio stream' };
const tolerances = { lufsTolerance: 1, truePeakTolerance: 1 };

type Row = [string, Loudness | null, GoldenLoudness | null, string, string, string?, string?];

describe('loudness against the golden', () => {
  test.each<Row>([
    ['passes the same', heard(-23, -1), GOLDEN, 'pass', 'integrated loudness -23.0 LUFS, golden -23.0 LUFS: 0 LU (within 1 LU)'],
    ['passes a difference of exactly the tolerance', heard(-22, -2), GOLDEN, 'pass', '+1 LU (within 1 LU)', 'pass', '-1 dB (within 1 dB)'],
    ['fails a tenth more', heard(-21.9, -1), GOLDEN, 'fail', '+1.1 LU, more than 1 LU', 'pass'],
    ['fails quieter', heard(-24.1, -1), GOLDEN, 'fail', '-1.1 LU, more than 1 LU', 'pass'],
    ['shows what rounding would hide', heard(-22, -1), { ...GOLDEN, integratedLufs: -23.04 }, 'fail', '+1.04 LU, more than 1 LU', 'pass'],
    ['fails the peak alone', heard(-23, 0.1), GOLDEN, 'pass', '', 'fail', 'true peak 0.1 dBTP, golden -1.0 dBTP: +1.1 dB, more than 1 dB'],
    ['fails a copy 40 dB quieter', heard(-63, -41), GOLDEN, 'fail', '-40 LU, more than 1 LU', 'fail', '-40 dB'],
    [
      'fails silence',
      { ...heard(-70, 0), truePeakDbtp: unheard('digital silence, -inf dBFS') },
      GOLDEN,
      'fail',
      'the audio is silent (-70.0 LUFS or less), the golden has -23.0 LUFS',
      'fail',
    ],
    [
      'passes silence where the golden is silent',
      heard(-70, -90),
      { ...GOLDEN, integratedLufs: -70, truePeakDb: null },
      'pass',
      'silent (-70.0 LUFS), as the golden is',
      'pass',
    ],
    [
      'does not know less than 400 ms',
      { ...heard(0, -1), integratedLufs: unheard('there are no 400 ms') },
      GOLDEN,
      'unknown',
      'integrated loudness was not measured: there are no 400 ms',
      'pass',
    ],
    [
      'does not know what is not in the log',
      { ...heard(-23, 0), truePeakDbtp: unheard('ffmpeg printed no true peak') },
      GOLDEN,
      'pass',
      '',
      'unknown',
      'true peak was not measured',
    ],
    [
      'does not know a value the golden lacks',
      heard(-23, -1),
      { ...GOLDEN, truePeakDb: null },
      'pass',
      '',
      'unknown',
      'the golden has no true peak, measured -1.0 dBTP',
    ],
    ['makes an error of what is no number', heard(Number.NaN, -1), GOLDEN, 'error', 'cannot be compared', 'pass'],
    ['fails lost audio', null, GOLDEN, 'fail', 'there is no audio stream, the golden has one (-23.0 LUFS, true peak -1.0 dBTP)', 'fail'],
    [
      'fails audio the golden has not',
      heard(-23, -1),
      NONE,
      'fail',
      'there is an audio stream (-23.0 LUFS), the golden has none: no audio stream',
      'fail',
    ],
    ['passes no audio where the golden has none', null, NONE, 'pass', 'no audio stream, as in the golden', 'pass'],
    [
      'makes an error of a golden without numbers and note',
      heard(-23, -1),
      { ...NONE, note: null },
      'error',
      'neither numbers nor a note',
      'error',
    ],
    ['makes an error of a golden without audio_stats.json', null, null, 'error', 'the golden has no audio_stats.json', 'error'],
  ])('%s', (_title, measured, golden, lufs, lufsDetail, peak = lufs, peakDetail = '') => {
    const judged = judgeLoudness({ measured, golden, tolerances });
    expect(judged.lufs).toMatchObject({ kind: lufs, detail: expect.stringContaining(lufsDetail) });
    expect(judged.peak).toMatchObject({ kind: peak, detail: expect.stringContaining(peakDetail) });
  });

  test('tells the range beside it', () => {
    expect(judgeLoudness({ measured: heard(-23, -1, 7.25), golden: GOLDEN, tolerances }).range).toBe(
      'loudness range 7.3 LU, golden 5.0 LU',
    );
  });

  test('hints at a lost channel where the difference is three LU', () => {
    const { lufs } = judgeLoudness({ measured: heard(-26, -1), golden: GOLDEN, tolerances });
    expect(lufs).toMatchObject({ kind: 'fail', hint: expect.stringContaining('mono') });
  });
});
