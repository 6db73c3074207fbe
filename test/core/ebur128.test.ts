import { describe, expect, test } from 'vitest';
import { parseEbur128 } from '../../src/core/ebur128.ts';

/** As ffmpeg 5.1 and 7.0 print it, with what differs as an argument. */
const summary = (lufs = '-23.0', range = '5.3', peak: string | null = '-1.0') => `
[Parsed_ebur128_0 @ 0x55a9ccf09340] Summary:

  Integrated loudness:
    I:         ${lufs} LUFS
    Threshold: -33.1 LUFS

  Loudness range:
    LRA:         ${range} LU
    Threshold: -43.0 LUFS
    LRA low:   -26.0 LUFS
    LRA high:  -20.7 LUFS
${peak === null ? '' : `\n  True peak:\n    Peak:       ${peak} dBFS`}`;

const OLD = `  Stream #0:0: Audio: pcm_s16le, 48000 Hz, mono, s16, 768 kb/s
size=N/A time=00:00:00.00 bitrate=N/A speed=   0x    \rsize=N/A time=00:00:02.00 bitrate=N/A speed=32.5x    `;
const PROGRESS = `[Parsed_ebur128_0 @ 0x5606f184dfc0] t: 0.199979   TARGET:-23 LUFS    M:-120.7 S:-120.7     I: -70.0 LUFS       LRA:   0.0 LU  FTPK:  -inf dBFS  TPK:  -inf dBFS
`;
const NEW = `
[out#0/null @ 0x55e6179fb9c0] video:0KiB audio:188KiB subtitle:0KiB other streams:0KiB global headers:0KiB muxing overhead: unknown
size=N/A time=00:00:02.00 bitrate=N/A speed=69.8x    `;
const GOOD = { integratedLufs: { value: -23 }, rangeLu: { value: 5.3 }, truePeakDbtp: { value: -1 } };

describe('a log of ebur128', () => {
  test.each<[string, string]>([
    ['of ffmpeg 5.1', `${OLD}${summary()}`],
    ['of ffmpeg 7.0', `${PROGRESS}${summary()}${NEW}`],
    ['with the progress of each 100 ms before', `${PROGRESS.repeat(20)}${summary()}`],
    ['with Windows line ends', summary().replaceAll('\n', '\r\n')],
    ['with the level written before each line', summary().replaceAll(/^(?=.)/gm, '[info] ')],
    ['with the sample peak as well', summary().replace('True peak:', 'Sample peak:\n    Peak:       -3.0 dBFS\n\n  True peak:')],
    ['with the progress on the same line as the heading', summary().replace('[Parsed', 'size=N/A time=00:00:00.20 speed=N/A    [Parsed')],
  ])('%s is read', (_title, log) => {
    expect(parseEbur128(log)).toEqual([GOOD]);
  });

  test('of several streams gives one answer each', () => {
    expect(parseEbur128(`${summary()}\n${summary('-9.5')}`).map(({ integratedLufs }) => integratedLufs)).toEqual([
      { value: -23 },
      { value: -9.5 },
    ]);
  });

  test.each<[string, string]>([
    ['is empty', ''],
    ['is of something else', 'ffmpeg version 5.1.9\nConversion failed!'],
    ['breaks off before the summary', PROGRESS.repeat(3)],
    ['breaks off inside the heading', summary().slice(0, 60)],
    ['has the values, but of no summary', 'Integrated loudness:\n    I:         -23.0 LUFS'],
  ])('that %s gives none', (_title, log) => {
    expect(parseEbur128(log)).toEqual([]);
  });

  test('that breaks off in the middle keeps what it has and says what is missing', () => {
    const [found] = parseEbur128(summary().split('Loudness range')[0] ?? '');
    expect(found).toEqual({
      integratedLufs: { value: -23 },
      rangeLu: { value: null, why: 'ffmpeg printed no loudness range' },
      truePeakDbtp: { value: null, why: 'ffmpeg printed no true peak' },
    });
  });

  test('with the sample peak alone has no true peak', () => {
    const [found] = parseEbur128(summary().replace('True peak', 'Sample peak'));
    expect(found?.truePeakDbtp).toEqual({ value: null, why: 'ffmpeg printed no true peak' });
  });

  test.each<[string, string, string | null]>([
    ['nan', '-1.0', 'ffmpeg printed nan as integrated loudness'],
    ['inf', '-1.0', 'ffmpeg printed inf as integrated loudness'],
    ['-70.0', '-3.0', '-70.0 LUFS with a peak of -3.0 dBTP: there are no 400 ms of audio to measure'],
  ])('that reads %s with a peak of %s has no loudness', (lufs, peak, why) => {
    expect(parseEbur128(summary(lufs, '0.0', peak))[0]?.integratedLufs).toEqual({ value: null, why });
  });

  test.each([['-70.0'], ['-inf']])('of silence (%s) reads as the floor, and its peak as none', (lufs) => {
    const [found] = parseEbur128(summary(lufs, '0.0', '-inf'));
    expect(found?.integratedLufs).toEqual({ value: -70 });
    expect(found?.truePeakDbtp).toEqual({ value: null, why: 'digital silence, -inf dBFS' });
  });
});
