// P1, P2 and P15: the golden check of a 1080p30 video of 30 s against what a team does with ffmpeg by hand: `node bench/media.ts [rounds]`.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { argv, env, memoryUsage } from 'node:process';
import { promisify } from 'node:util';
import { ssim } from 'ssim.js';
import { checkGolden } from '../src/checks/golden.ts';
import type { QualityGates } from '../src/core/config.ts';
import { outcomeOf } from '../src/core/golden.ts';
import { makeSet } from '../src/host/golden/make-set.ts';
import { createMedia } from '../src/host/media/media.ts';
import { openSsimLane } from '../src/host/media/ssim-lane.ts';
import { report, row } from './support/table.ts';
import { medians } from './support/timed.ts';

const rounds = Number(argv[2] ?? 3);
const start = promisify(execFile);
// As low as ours: beside other work, priority alone would decide.
const run = (program: string, words: readonly string[]) => start('nice', ['-n', '10', program, ...words]);
const media = createMedia({ env });
const { ffmpeg } = await media.tools();
const { signal } = new AbortController();
const dir = mkdtempSync(join(tmpdir(), 'dhash-bench-media-'));
const at = (name: string) => join(dir, name);
const FRAMES = [5, 10, 20];
const gates: Pick<QualityGates, 'audio' | 'video'> = {
  audio: { lufsTolerance: 1, truePeakTolerance: 1 },
  video: { ssimThreshold: 0.995, ssimMethod: 'ffmpeg', frameRateTolerance: 0.1, resolution: { width: 1920, height: 1080 } },
};

try {
  // Noise, for about 8 Mbit/s as a delivered 1080p30 has: pictures that are all alike decode in no time.
  const made = ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=30,noise=alls=6:allf=t', '-f', 'lavfi', '-i', 'sine=f=440:d=30'];
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ac', '2'];
  execFileSync(ffmpeg.path, ['-v', 'error', ...made, ...coded, at('video.mp4')]);
  execFileSync(ffmpeg.path, ['-v', 'error', '-i', at('video.mp4'), '-c:v', 'copy', '-af', 'volume=-40dB', at('quiet.mp4')]);
  await makeSet(media, {
    game: 'bench',
    file: at('video.mp4'),
    frames: FRAMES,
    withVideo: false,
    into: at('set'),
    generatedAt: '',
    signal,
  });
  const golden = (file: string) =>
    checkGolden({ media, files: { read } }, { game: 'bench', file, folder: at('set'), frames: FRAMES, everyFrame: false, gates }, signal);

  const delays: number[] = [];
  const all = await medians(
    {
      ours: async () => {
        // One for each round: a meter that is stopped and started again counts the time between as a delay.
        const delay = monitorEventLoopDelay({ resolution: 5 });
        delay.enable();
        if (outcomeOf(await golden(at('video.mp4'))) !== 'pass') throw new Error('the very video did not pass');
        delay.disable();
        delays.push(delay.percentile(99.9) / 1e6);
      },
      team: theTeamsWay,
      threeSeeks: () => Promise.all(FRAMES.map((atS) => run(ffmpeg.path, seekOnly(atS)))),
    },
    rounds,
  );
  const quiet = outcomeOf(await golden(at('quiet.mp4')));
  if (quiet !== 'fail') throw new Error(`a copy 40 dB quieter: ${quiet}`);

  const pair = planes();
  // As low as the threads of ours: beside other work, priority alone would decide.
  setPriority(0, 10);
  const scorer = openSsimLane();
  const one = await medians({ ours: () => scorer.score({ width: 1920, height: 1080, bytes: pair }), weber: () => weber(pair) }, rounds + 1);
  await scorer.close();

  const worst = Math.max(...delays);
  report(
    [
      row('P1', "golden check / the team's way (which measures no audio), ms", all.ours, all.team, 0.15),
      row('P1', 'golden check / decode of the three seeks, ms', all.ours, all.threeSeeks, 1.7),
      row('P2', 'SSIM of a 1080p pair / ssim.js weber without downsampling, ms', one.ours, one.weber, 0.12),
      row('P15', 'event loop while golden checks run, p99.9 / 50 ms', worst, 50, 1),
    ],
    {
      rounds,
      cores: availableParallelism(),
      ffmpeg: ffmpeg.version,
      ms: { ...all, ssimOurs: one.ours, ssimWeber: one.weber },
      quietCopy: quiet,
      worstDelayMs: worst,
      rssMb: Math.round(memoryUsage.rss() / 1e6),
    },
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** One full decode a frame, one more ffmpeg to compare it, nothing for the audio. */
async function theTeamsWay(): Promise<void> {
  for (const atS of FRAMES) {
    const now = at(`now_${atS}.png`);
    await run(ffmpeg.path, [
      '-y',
      '-v',
      'error',
      '-i',
      at('video.mp4'),
      '-vf',
      `select='gte(t,${atS})'`,
      '-vsync',
      '0',
      '-update',
      '1',
      '-frames:v',
      '1',
      now,
    ]);
    await run(ffmpeg.path, [
      '-v',
      'info',
      '-i',
      now,
      '-i',
      at(`set/frames/frame_${atS}s.png`),
      '-lavfi',
      '[0:v][1:v]scale2ref[a][b];[a][b]ssim',
      '-f',
      'null',
      '-',
    ]);
  }
}

function seekOnly(atS: number): string[] {
  return ['-v', 'error', '-ss', String(atS), '-i', at('video.mp4'), '-frames:v', '1', '-f', 'null', '-'];
}

function planes(): Uint8Array {
  const gray = (atS: string) =>
    execFileSync(
      ffmpeg.path,
      ['-v', 'error', '-ss', atS, '-i', at('video.mp4'), '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
      { maxBuffer: 1e8 },
    );
  const pair = Buffer.concat([gray('5'), gray('5.1')]);
  const bytes = new Uint8Array(new SharedArrayBuffer(pair.length));
  bytes.set(pair);
  return bytes;
}

function weber(pair: Uint8Array): void {
  const size = 1920 * 1080;
  const image = (from: number) => {
    const data = new Uint8ClampedArray(size * 4);
    for (let pixel = 0; pixel < size; pixel += 1) data.fill(pair[from + pixel] ?? 0, pixel * 4, pixel * 4 + 4);
    return { data, width: 1920, height: 1080 };
  };
  ssim(image(0), image(size), { ssim: 'weber', downsample: false });
}

async function read(path: string): Promise<string | null> {
  return readFileSync(path, 'utf8');
}
