import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeDurably } from '../../src/host/files.ts';
import { type GoldenToolOptions, runGoldenTool } from '../../src/verbs/golden-tool.ts';
import { testConfig } from '../support/config.ts';
import { ffmpegSays, media, NEVER, source } from '../support/videos.ts';

// ffmpeg runs at low priority: on a busy machine it waits its turn.
vi.setConfig({ testTimeout: 60_000 });

const BUNDLED = join(import.meta.dirname, '../../quality-gates.json');
let cwd = '';
const at = (name: string) => join(cwd, name);
let copies = 0;

/** A set of its own for a test that writes: the folder to name with --golden, and where the set lies. */
function ownSet() {
  copies += 1;
  const golden = `own-${copies}`;
  cpSync(at('tests/golden'), at(golden), { recursive: true });
  return { golden, set: at(`${golden}/sushi-go`) };
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'dhash-golden-'));
  const sound = ['-f', 'lavfi', '-i', 'sine=f=440:d=1', '-c:a', 'aac'];
  ffmpegSays(...source(1), ...sound, '-c:v', 'libx264', '-crf', '4', '-pix_fmt', 'yuv420p', at('good.mp4'));
  ffmpegSays('-i', at('good.mp4'), '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '38', '-c:a', 'copy', at('bad.mp4'));
  ffmpegSays('-i', at('good.mp4'), '-c:v', 'copy', '-af', 'volume=-40dB', at('quiet.mp4'));
  expect((await golden('generate --in good.mp4 --frames 0.5')).exit).toBe(0);
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function golden(line: string, more: Partial<GoldenToolOptions> = {}) {
  const said: string[] = [];
  const output = { line: (text: string) => void said.push(text), trouble: (text: string) => void said.push(text), current: () => {} };
  const files = { read: async (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : null), write: writeDurably };
  const clock = { now: () => Date.UTC(2026, 10, 24, 12, 30, 5) };
  const ground = { cwd, configured: null, bundledGates: BUNDLED, media, files, clock, output, signal: NEVER };
  const exit = await runGoldenTool({ ...ground, words: [...line.split(' '), '--game', 'Sushi Go'], ...more });
  return { exit, said: said.join('\n') };
}

describe.concurrent('a golden set', () => {
  test('is made with the layout and the files of MOBIUS', () => {
    const set = at('tests/golden/sushi-go');
    expect(readdirSync(set).sort()).toEqual(['audio_stats.json', 'container.json', 'frames']);
    expect(readdirSync(join(set, 'frames'))).toEqual(['frame_0p5s.png']);
    expect(JSON.parse(readFileSync(join(set, 'container.json'), 'utf8'))).toMatchObject({
      game: 'Sushi Go',
      video: { codec_name: 'h264', width: 160, height: 90, pix_fmt: 'yuv420p', avg_frame_rate: '30/1' },
      format: { nb_streams: 2, duration: expect.stringMatching(/^\d+\.\d{6}$/) },
      tools: { ffmpeg: expect.any(String), ffprobe: expect.any(String) },
      generated_at: '2026-11-24T12:30:05.000Z',
    });
    expect(JSON.parse(readFileSync(join(set, 'audio_stats.json'), 'utf8'))).toMatchObject({
      game: 'Sushi Go',
      integrated_lufs: expect.any(Number),
    });
  });

  test('passes what it was made from, writes JUnit and archives it', async () => {
    const configured = { gates: testConfig().qualityGates, dataDir: at('data') };
    const { exit, said } = await golden('check --in good.mp4 --frames 0.5 --ssim 0.995 --lufs_tol 1.0 --tp_tol 1.0 --junit q.xml', {
      configured,
    });
    expect(said).toContain('8 of 8 gates pass');
    expect(exit).toBe(0);
    const xml = readFileSync(at('q.xml'), 'utf8');
    expect(xml).toContain('<testsuite name="golden:Sushi Go" tests="8" failures="0" errors="0">');
    for (const name of ['container_pix_fmt', 'frame_0p5s', 'audio_lufs', 'audio_peak']) expect(xml).toContain(`name="${name}"`);
    expect(readFileSync(at('data/logs/quality/20261124_123005_quality.xml'), 'utf8')).toBe(xml);
  });

  test('fails another picture with exit 2, a picture of the difference, and the failed gate in JUnit', async () => {
    const { golden: root, set } = ownSet();
    const { exit, said } = await golden(`check --in bad.mp4 --junit bad.xml --golden ${root}`);
    expect(exit).toBe(2);
    expect(said).toMatch(/FAIL +frame_0p5s .*\n.*debug\/diff_0p5s\.png/);
    expect(readdirSync(join(set, 'debug'))).toEqual(['diff_0p5s.png']);
    expect(readFileSync(at('bad.xml'), 'utf8')).toMatch(/failures="1" errors="0"[\s\S]*<failure message="SSIM/);
  });

  test('fails the same pictures made 40 dB quieter', async () => {
    const { exit, said } = await golden('check --in quiet.mp4');
    expect(exit).toBe(2);
    expect(said).toMatch(/FAIL +audio_lufs .*-40 LU/);
  });

  test.each([
    ['a frame beyond the end', 'check --in good.mp4 --frames 9'],
    ['a file that is not there', 'check --in none.mp4'],
    ['a game without a set', 'check --in good.mp4 --golden elsewhere --frames 1'],
    ['words it does not know', 'check --in good.mp4 --sim 1'],
    ['a threshold that is none', 'check --in good.mp4 --ssim high'],
    ['no such verb', 'look'],
  ])('could not run with %s: exit 1', async (_title, line) => {
    expect((await golden(line)).exit).toBe(1);
  });

  test('that could not be checked is an error in JUnit too, so that no older report speaks for it', async () => {
    const configured = { gates: testConfig().qualityGates, dataDir: at('data-of-none') };
    const { exit, said } = await golden('check --in none.mp4 --junit none.xml', { configured });
    expect({ exit, said }).toEqual({ exit: 1, said: expect.stringContaining('none.mp4') });
    const xml = readFileSync(at('none.xml'), 'utf8');
    expect(xml).toMatch(
      /<testsuite name="golden:Sushi Go" tests="1" failures="0" errors="1">[\s\S]*name="check"[\s\S]*<error message="ffprobe cannot read/,
    );
    expect(readFileSync(at('data-of-none/logs/quality/20261124_123005_quality.xml'), 'utf8')).toBe(xml);
  });

  test('is never replaced silently: the changes are shown, the new one waits to be approved', async () => {
    const { golden: root, set } = ownSet();
    const before = readFileSync(join(set, 'frames/frame_0p5s.png'));
    const { exit, said } = await golden(`generate --in bad.mp4 --frames 0.5,0.8 --golden ${root}`);
    expect(exit).toBe(2);
    expect(said).toMatch(/frame_0p5s\.png shows something else[\s\S]*frame_0p8s\.png is new/);
    expect(readFileSync(join(set, 'frames/frame_0p5s.png')).equals(before)).toBe(true);

    mkdirSync(join(set, 'macos'));
    writeFileSync(join(set, 'macos/container.json'), '{}');
    expect((await golden(`approve --golden ${root}`)).exit).toBe(0);
    expect(readdirSync(join(set, 'frames'))).toEqual(['frame_0p5s.png', 'frame_0p8s.png']);
    expect(readFileSync(join(set, 'macos/container.json'), 'utf8')).toBe('{}');
    expect((await golden(`approve --golden ${root}`)).exit).toBe(1);
  });

  test('comes back whole after a crash between its two renames', async () => {
    const { golden: root, set } = ownSet();
    renameSync(set, at(`${root}/.sushi-go.old`));
    await golden(`approve --golden ${root}`);
    expect(readdirSync(at(root))).toEqual(['sushi-go']);
  });

  test('of one system is made when asked for, and wins on that system', async () => {
    const { golden: root, set } = ownSet();
    expect((await golden(`generate --in bad.mp4 --frames 0.5 --perOs --golden ${root}`)).exit).toBe(0);
    expect(existsSync(join(set, 'linux/frames/frame_0p5s.png'))).toBe(true);
    expect((await golden(`check --in bad.mp4 --golden ${root}`)).exit).toBe(0);
  });
});

test.concurrent('every frame is held against the video of the set, where it has one, and the worst is named by its second', async () => {
  const { golden: root } = ownSet();
  expect(await golden(`check --in good.mp4 --every-frame --golden ${root}`)).toMatchObject({
    exit: 1,
    said: expect.stringMatching(/ERROR +every_frame .*video\.mp4, only pictures\n.*generate --every-frame/),
  });
  const made = await golden(`generate --in good.mp4 --every-frame --golden ${root}`);
  expect(made).toMatchObject({ exit: 2, said: expect.stringMatching(/^ {2}video\.mp4 is new\n/) });
  await golden(`approve --golden ${root}`);
  expect(await golden(`check --in good.mp4 --every-frame --golden ${root}`)).toMatchObject({
    exit: 0,
    said: expect.stringMatching(/PASS +every_frame .*SSIM of all 30 frames: lowest 1\.00000 at 0 s/),
  });
  const box = "drawbox=x=20:y=20:w=80:h=50:c=black:t=fill:enable='eq(n,24)'";
  ffmpegSays('-i', at('good.mp4'), '-vf', box, '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-c:a', 'copy', at('flash.mp4'));
  const flash = await golden(`check --in flash.mp4 --every-frame --golden ${root}`);
  expect(flash).toMatchObject({ exit: 2, said: expect.stringMatching(/PASS +frame_0p5s/) });
  expect(flash.said).toMatch(/FAIL +every_frame .*SSIM of all 30 frames: lowest 0\.\d+ at 0\.8 s \(frame 25\)/);
});

test.concurrent('a video just above 0.995 passes and one just below fails, as measured the way the threshold was chosen', async () => {
  const alls: number[] = [];
  for (const [qp, exit] of [
    ['5', 0],
    ['8', 2],
  ]) {
    ffmpegSays('-i', at('good.mp4'), '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', String(qp), '-c:a', 'copy', at('edge.mp4'));
    ffmpegSays('-i', at('edge.mp4'), '-ss', '0.5', '-frames:v', '1', at('now.png'));
    const images = ['-i', at('now.png'), '-i', at('tests/golden/sushi-go/frames/frame_0p5s.png')];
    const said = ffmpegSays(...images, '-lavfi', 'ssim=stats_file=-', '-f', 'null', '-').toString();
    alls.push(Number(/All:(\d\.\d+)/.exec(said)?.[1]));
    expect((await golden(`check --in edge.mp4 --golden ${ownSet().golden}`)).exit).toBe(exit);
  }
  const [above = 0, below = 1] = alls;
  expect(above).toBeGreaterThanOrEqual(0.995);
  expect(above).toBeLessThan(0.998);
  expect(below).toBeLessThan(0.995);
  expect(below).toBeGreaterThan(0.992);
});
