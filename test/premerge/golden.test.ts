import { expect, test } from 'vitest';
import type { PremergeConfig } from '../../src/core/config.ts';
import { BotError } from '../../src/core/error.ts';
import type { Media } from '../../src/core/media.ts';
import { golden } from '../../src/premerge/stages/golden.ts';
import { testConfig, testEnvironment, testPremerge } from '../support/config.ts';
import { fakeMedia } from '../support/media.ts';
import { world } from '../support/world.ts';

type Wanted = PremergeConfig['golden'][number];

const CONTAINER = {
  video: { width: 1920, height: 1080, pix_fmt: 'yuv420p', avg_frame_rate: '30/1', sample_aspect_ratio: '1:1' },
  format: { duration: '28.000000' },
};

async function run(declared: readonly Wanted[], media: Partial<Media> = {}) {
  const { ports, files } = world();
  for (const folder of ['sushi-go', 'love-letter/linux']) {
    files.set(`/src/tests/golden/${folder}/container.json`, JSON.stringify(CONTAINER));
    files.set(`/src/tests/golden/${folder}/audio_stats.json`, '{"note":"no audio stream"}');
  }
  const asked: string[] = [];
  const logged: string[] = [];
  const outcome = await golden.run({
    config: testConfig({}, { premerge: testPremerge({ golden: declared }) }),
    environment: testEnvironment(),
    folder: '/src',
    artifacts: '/artifacts',
    scratch: '/tmp/scratch',
    ports: {
      ...ports,
      media: fakeMedia({
        ...media,
        compareFrames: async (compare) => {
          asked.push(compare.facts.file, ...compare.frames.map(({ png }) => png));
          return fakeMedia().compareFrames(compare);
        },
      }),
    },
    variables: {},
    releaseTag: null,
    signal: new AbortController().signal,
    found: {},
    log: (line) => void logged.push(line),
    key: 'premerge',
  });
  return { outcome, asked, logged: logged.join('\n'), files };
}

const video = (game: string, file: string): Wanted => ({ game, in: file, frames: [5, 10], everyFrame: false });

test('measures each declared video of the checkout against its set, that of this system first, and leaves JUnit', async () => {
  const { outcome, asked, files } = await run([video('Sushi Go', 'out/sushi.mp4'), video('Love Letter', 'letter.mp4')]);
  expect(outcome).toEqual({ kind: 'passed', evidence: '18 of 18 gates pass' });
  expect(asked).toEqual([
    ...['/src/out/sushi.mp4', '/src/tests/golden/sushi-go/frames/frame_5s.png', '/src/tests/golden/sushi-go/frames/frame_10s.png'],
    ...[
      '/src/letter.mp4',
      '/src/tests/golden/love-letter/linux/frames/frame_5s.png',
      '/src/tests/golden/love-letter/linux/frames/frame_10s.png',
    ],
  ]);
  for (const game of ['sushi-go', 'love-letter'])
    expect(files.get(`/artifacts/${game}_quality.xml`)).toMatch(/<testsuite name="golden:.*" tests="9" failures="0" errors="0">/);
});

test('a video that cannot be measured fails the stage, is an error in JUnit, and keeps no other from being measured', async () => {
  const { outcome, logged, files } = await run([video('Gone', 'gone.mp4'), video('Sushi Go', 'sushi.mp4')]);
  expect(outcome).toMatchObject({
    kind: 'failed',
    evidence: expect.stringMatching(/^9 of 10 gates pass; Gone check: There is no golden set/),
    hint: expect.stringContaining('golden generate'),
  });
  expect(logged).toContain('Sushi Go frame_10s: pass');
  expect(files.get('/artifacts/gone_quality.xml')).toMatch(/failures="0" errors="1"[\s\S]*<error message="There is no golden set/);
});

test('a file that is no video fails with what is wrong with it', async () => {
  const probe: Media['probe'] = async (file) => {
    throw new BotError({ code: 'media-unreadable', message: `ffprobe cannot read ${file}: moov atom not found`, hint: 'Render it.' });
  };
  const { outcome } = await run([video('Sushi Go', 'sushi.mp4')], { probe });
  expect(outcome).toMatchObject({ kind: 'failed', evidence: expect.stringContaining('moov atom not found'), hint: 'Render it.' });
});

test('with nothing declared is skipped, not passed', async () => {
  expect((await run([])).outcome).toMatchObject({ kind: 'skipped', evidence: expect.stringContaining('premerge.golden') });
});
