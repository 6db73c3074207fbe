import { describe, expect, test } from 'vitest';
import { checkGolden, judgeGolden } from '../../src/checks/golden.ts';
import { judgeEveryFrame, judgeFrame } from '../../src/checks/golden-frames.ts';
import type { GoldenSet } from '../../src/checks/golden-set.ts';
import { gameFolder, outcomeOf, parseFrames } from '../../src/core/golden.ts';
import type { ComparedFrame, MediaFacts } from '../../src/core/media.ts';
import { testConfig } from '../support/config.ts';
import { FACTS, fakeMedia, TOOLS } from '../support/media.ts';

const GATES = testConfig().qualityGates;
const SET: GoldenSet = {
  folder: '/golden/x',
  container: {
    video: { width: 1920, height: 1080, pix_fmt: 'yuv420p', avg_frame_rate: '30/1', sample_aspect_ratio: '1:1' },
    format: { duration: '28.000000' },
    tools: { ffmpeg: 'ffmpeg version 4.4.2' },
  },
  audio: { note: 'no audio stream' },
};
const VIDEO = FACTS.video;
const FRAME: ComparedFrame = {
  kind: 'compared',
  atS: 2.5,
  ssim: 0.9971,
  lowest: { x: 11, y: 22, width: 11, height: 11, ssim: 0.61 },
  ffmpegAll: 0.9962,
  golden: { width: 1920, height: 1080 },
  current: { width: 1920, height: 1080 },
  scaled: false,
};

function container(video: Partial<NonNullable<MediaFacts['video']>>, more: Partial<MediaFacts> = {}, set: GoldenSet = SET) {
  if (VIDEO === null) throw new Error('the facts have a video');
  const cases = judgeGolden(
    { set, facts: { ...FACTS, video: { ...VIDEO, ...video }, ...more }, frames: [], everyFrame: null, loudness: null },
    GATES,
  );
  return Object.fromEntries(cases.map(({ name, result }) => [name.replace('container_', ''), result.kind]));
}

describe('the container', () => {
  test('passes as it was when the golden was made', () => {
    expect(container({})).toEqual({
      ...{ pix_fmt: 'pass', avg_frame_rate: 'pass', sample_aspect_ratio: 'pass', resolution: 'pass', duration: 'pass' },
      ...{ audio_lufs: 'pass', audio_peak: 'pass' },
    });
  });

  test.each([
    ['another pixel format', { pixFmt: 'yuv444p' }, {}, 'pix_fmt', 'fail'],
    ['30000/1001 where the golden has 30', { frameRate: { text: '30000/1001', value: 30_000 / 1_001 } }, {}, 'avg_frame_rate', 'pass'],
    ['25 where the golden has 30', { frameRate: { text: '25/1', value: 25 } }, {}, 'avg_frame_rate', 'fail'],
    ['no frame rate', { frameRate: null }, {}, 'avg_frame_rate', 'error'],
    ['pixels that are not square', { sampleAspectRatio: '4:3' }, {}, 'sample_aspect_ratio', 'fail'],
    ['pixels that nobody says are square', { sampleAspectRatio: null }, {}, 'sample_aspect_ratio', 'pass'],
    ['one line less', { height: 1078 }, {}, 'resolution', 'fail'],
    ['100 ms more', {}, { durationS: 28.1 }, 'duration', 'pass'],
    ['101 ms less', {}, { durationS: 27.899 }, 'duration', 'fail'],
    ['no duration', {}, { durationS: null }, 'duration', 'error'],
  ])('with %s', (_title, video, more, name, kind) => {
    expect(container(video, more)[name]).toBe(kind);
  });

  test('of a smaller set is held against that set, and against what is declared', () => {
    const small: GoldenSet = { ...SET, container: { ...SET.container, video: { ...SET.container.video, width: 960, height: 540 } } };
    expect(container({ width: 960, height: 540 }, {}, small)['resolution']).toBe('pass');
    expect(container({}, {}, small)['resolution']).toBe('pass');
    expect(container({ width: 1280, height: 720 }, {}, small)['resolution']).toBe('fail');
  });

  test('of a set that says nothing is an error in every gate, never a pass', () => {
    const empty = container({}, {}, { ...SET, container: { video: {} }, audio: null });
    expect(Object.values(empty).filter((kind) => kind === 'pass')).toEqual(['pass', 'pass']);
    expect(empty).toMatchObject({ pix_fmt: 'error', avg_frame_rate: 'error', duration: 'error', audio_lufs: 'error' });
  });

  test('without pictures is an error', () => {
    const cases = judgeGolden({ set: SET, facts: { ...FACTS, video: null }, frames: [], everyFrame: null, loudness: null }, GATES);
    expect(cases[0]).toMatchObject({ name: 'container_video', result: { kind: 'error' } });
    expect(outcomeOf({ cases })).toBe('error');
  });
});

describe('a frame', () => {
  const judge = (
    frame: Partial<ComparedFrame>,
    ssimMethod: 'ssim.js' | 'ffmpeg' = 'ffmpeg',
    madeWith: string | null = 'ffmpeg version 4.4.2',
  ) =>
    judgeFrame({ ...FRAME, ...frame }, { gates: { ssimThreshold: 0.995, ssimMethod }, tools: TOOLS, madeWith, diffOf: () => '/diff.png' });

  test('is told with both numbers, the lowest window and its time', () => {
    expect(judge({})).toEqual({
      name: 'frame_2p5s',
      result: {
        kind: 'pass',
        detail: 'SSIM 0.99620 (ffmpeg All), at least 0.995; ssim.js luma 0.99710; lowest window 0.61000 at 11,22',
      },
    });
  });

  test('passes at the very threshold and fails just below, never rounded up', () => {
    expect(judge({ ffmpegAll: 0.995 }).result.kind).toBe('pass');
    expect(judge({ ffmpegAll: 0.9949999 }).result).toMatchObject({ kind: 'fail', detail: expect.stringContaining('SSIM 0.99499') });
  });

  test('is judged by the configured way, and says when the other one disagrees', () => {
    const apart = { ffmpegAll: 0.991, ssim: 0.9971 };
    expect(judge(apart, 'ffmpeg').result).toMatchObject({
      kind: 'fail',
      detail: expect.stringContaining('the two disagree, this one passes'),
    });
    expect(judge(apart, 'ssim.js').result).toMatchObject({
      kind: 'pass',
      detail: expect.stringContaining('the two disagree, this one fails'),
    });
  });

  test('says that it was scaled', () => {
    expect(judge({ scaled: true, current: { width: 1280, height: 720 } }).result.detail).toContain(
      "scaled from 1280x720 to the golden's 1920x1080",
    );
  });

  test.each([
    ['ffmpeg version 4.4.2', 'The golden was made with ffmpeg ffmpeg version 4.4.2, this was measured with 5.1.7'],
    ['5.1.7', 'The same ffmpeg (5.1.7) made the golden'],
    [null, 'the golden does not say which ffmpeg made it'],
  ])('names the ffmpeg that made the golden and the one that measured (%s)', (madeWith, words) => {
    expect(judge({ ffmpegAll: 0.9 }, 'ffmpeg', madeWith).result).toMatchObject({ hint: expect.stringContaining(words) });
  });

  test('whose number is none is an error', () => {
    expect(judge({ ffmpegAll: Number.NaN }).result.kind).toBe('error');
  });
});

describe('every frame', () => {
  const size = { width: 1920, height: 1080 };
  const video = { kind: 'compared', frames: 840, mean: 0.9991, golden: size, current: size } as const;
  const judge = (ssim: number, more = {}) =>
    judgeEveryFrame({ ...video, worst: { ssim, frame: 99, atS: 98 / 30 }, ...more }, { ssimThreshold: 0.995 }).result;

  test('is judged by the worst one, named by its second, whatever the mean is', () => {
    expect(judge(0.995).kind).toBe('pass');
    expect(judge(0.994999)).toMatchObject({
      kind: 'fail',
      detail: expect.stringContaining('SSIM of all 840 frames: lowest 0.99499 at 3.267 s (frame 99), at least 0.995; mean 0.99910'),
      hint: expect.stringContaining('3.267 s'),
    });
  });

  test('says that it was scaled, and is an error without a number or a golden video', () => {
    expect(judge(1, { current: { width: 1280, height: 720 } }).detail).toContain("scaled from 1280x720 to the golden's 1920x1080");
    expect(judge(Number.NaN).kind).toBe('error');
    const without = { kind: 'no-golden', why: 'there is no golden video /g/video.mp4, only pictures' } as const;
    expect(judgeEveryFrame(without, { ssimThreshold: 0.995 })).toEqual({
      name: 'every_frame',
      result: { kind: 'error', detail: without.why, hint: expect.stringContaining('generate --every-frame') },
    });
  });
});

describe('the check', () => {
  const set: Readonly<Record<string, string>> = {
    '/golden/x/container.json': JSON.stringify(SET.container),
    '/golden/x/audio_stats.json': JSON.stringify({ integrated_lufs: -23, true_peak_db: -3 }),
  };
  const files = { read: async (path: string) => set[path] ?? null };
  const order = { game: 'x', file: '/srv/preview.mp4', folder: '/golden/x', frames: [1, 2], everyFrame: false, gates: GATES };
  const { signal } = new AbortController();

  test('asks for the frames of the set, draws the failed ones, drops older pictures of the others, and tells the lowest number', async () => {
    const drawn: string[] = [];
    const dropped: string[] = [];
    const media = fakeMedia({
      probe: async () => ({ ...FACTS, audio: { codec: 'aac', sampleRate: 48_000, channels: 2, channelLayout: 'stereo' } }),
      compareFrames: async ({ frames }) => ({
        frames: frames.map(({ atS }) => ({ ...FRAME, atS, ffmpegAll: atS === 2 ? 0.9 : 1 })),
        tools: TOOLS,
      }),
      writeDiff: async ({ to, frame }) => void drawn.push(`${frame.png} -> ${to}`),
      dropDiff: async (path) => void dropped.push(path),
    });
    const report = await checkGolden({ media, files }, order, signal);
    expect(outcomeOf(report)).toBe('fail');
    expect(report.lowestSsim).toBe(0.9);
    expect(drawn).toEqual(['/golden/x/frames/frame_2s.png -> /golden/x/debug/diff_2s.png']);
    expect(dropped).toEqual(['/golden/x/debug/diff_1s.png']);
    expect(report.cases.find(({ name }) => name === 'audio_lufs')?.result.kind).toBe('unknown');
  });

  test('fails when the sound of the golden is gone', async () => {
    const report = await checkGolden({ media: fakeMedia(), files }, order, signal);
    expect(report.cases.filter(({ result }) => result.kind === 'fail').map(({ name }) => name)).toEqual(['audio_lufs', 'audio_peak']);
  });

  test('cannot be asked without a set, nor with a broken one', async () => {
    const ports = { media: fakeMedia(), files };
    await expect(checkGolden(ports, { ...order, folder: '/golden/y' }, signal)).rejects.toMatchObject({ code: 'no-golden' });
    const broken = { media: fakeMedia(), files: { read: async () => '{"video":' } };
    await expect(checkGolden(broken, order, signal)).rejects.toMatchObject({ code: 'bad-golden' });
  });
});

test.each([
  ['Sushi Go', 'sushi-go'],
  ['  Café! ', 'cafe'],
  ['../../etc', 'etc'],
  ['!!', null],
])('the folder of "%s" is %s', (game, folder) => {
  expect(gameFolder(game)).toBe(folder);
});

test.each([
  ['5,10,2.5', [2.5, 5, 10]],
  [' 5, 5', [5]],
  ['5,x', null],
  ['-1', null],
  ['', null],
])('the frames "%s" are %j', (text, frames) => {
  expect(parseFrames(text)).toEqual(frames);
});
