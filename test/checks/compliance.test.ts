import { describe, expect, test } from 'vitest';
import { type Finding, judgeAudioLog, judgeContainerJson } from '../../src/checks/compliance.ts';

const log = (lufs: string, peak: string) =>
  `[Parsed_ebur128_0 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:  ${lufs} LUFS\n\n  True peak:\n    Peak:  ${peak} dBFS\n`;
const answers = (findings: readonly Finding[]) => findings.map(({ check, result }) => `${check} ${result.kind}`);

describe('an ebur128 log', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['passes in between', '-16.0', '-1.5', ['audio_lufs pass', 'audio_peak pass']],
    ['passes on all three limits', '-32.0', '-1.0', ['audio_lufs pass', 'audio_peak pass']],
    ['passes as loud as it may be', '-5.0', '-1.0', ['audio_lufs pass', 'audio_peak pass']],
    ['fails a tenth quieter', '-32.1', '-1.0', ['audio_lufs fail', 'audio_peak pass']],
    ['fails a tenth louder', '-4.9', '-1.0', ['audio_lufs fail', 'audio_peak pass']],
    ['fails a tenth over the peak', '-16.0', '-0.9', ['audio_lufs pass', 'audio_peak fail']],
    ['fails silence', '-70.0', '-inf', ['audio_lufs fail', 'audio_peak error']],
    ['makes an error of nan', 'nan', '-3.0', ['audio_lufs error', 'audio_peak pass']],
    ['makes an error of a clip too short', '-70.0', '-3.0', ['audio_lufs error', 'audio_peak pass']],
  ])('%s', (_title, lufs, peak, expected) => {
    expect(answers(judgeAudioLog(log(lufs, peak)))).toEqual(expected);
  });

  test('without a measurement is an error of its own', () => {
    expect(answers(judgeAudioLog('Integrated loudness: no value\n'))).toEqual(['audio_measured error']);
  });

  test('of two streams judges both', () => {
    expect(answers(judgeAudioLog(log('-16.0', '-2.0') + log('-40.0', '-2.0')))).toEqual([
      'audio_lufs_1 pass',
      'audio_peak_1 pass',
      'audio_lufs_2 fail',
      'audio_peak_2 pass',
    ]);
  });
});

describe("ffprobe's JSON", () => {
  const video = { codec_type: 'video', codec_name: 'h264', pix_fmt: 'yuv420p' };
  const audio = { codec_type: 'audio', codec_name: 'aac' };
  const cover = { codec_type: 'video', codec_name: 'mjpeg', pix_fmt: 'yuvj420p', disposition: { attached_pic: 1 } };

  test.each<[string, unknown, readonly string[]]>([
    [
      'passes as it should be',
      { streams: [video, audio] },
      ['container_codec_name pass', 'container_pix_fmt pass', 'container_audio pass'],
    ],
    [
      'takes no cover for the video',
      { streams: [cover, video, audio] },
      ['container_codec_name pass', 'container_pix_fmt pass', 'container_audio pass'],
    ],
    [
      'fails another codec',
      { streams: [{ ...video, codec_name: 'hevc' }, audio] },
      ['container_codec_name fail', 'container_pix_fmt pass', 'container_audio pass'],
    ],
    [
      'fails another pixel format',
      { streams: [{ ...video, pix_fmt: 'yuv444p' }, audio] },
      ['container_codec_name pass', 'container_pix_fmt fail', 'container_audio pass'],
    ],
    ['fails without audio', { streams: [video] }, ['container_codec_name pass', 'container_pix_fmt pass', 'container_audio fail']],
    ['fails without video', { streams: [audio] }, ['container_video fail', 'container_audio pass']],
    ['fails when nothing is in it', { streams: [] }, ['container_video fail', 'container_audio fail']],
    [
      'makes an error of a format that is not named',
      { streams: [{ codec_type: 'video', codec_name: 'h264' }, audio] },
      ['container_codec_name pass', 'container_pix_fmt error', 'container_audio pass'],
    ],
    ['makes an error of other JSON', { format: {} }, ['container_read error']],
  ])('%s', (_title, json, expected) => {
    expect(answers(judgeContainerJson(JSON.stringify(json)))).toEqual(expected);
  });

  test.each([[''], ['{'], ['null'], ['Input #0, mov']])('that is none (%j) is an error', (text) => {
    expect(answers(judgeContainerJson(text))).toEqual(['container_read error']);
  });
});
