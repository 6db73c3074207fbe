// What measuring loudness costs, against what people would type instead, on one 1080p file in one run: `node bench/loudness.ts [seconds]`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env } from 'node:process';
import { createMedia } from '../src/host/media/media.ts';
import { type Row, report } from './support/table.ts';

const seconds = Number(argv[2] ?? 30);
const ROUNDS = 3;
const root = mkdtempSync(join(tmpdir(), 'dhash-bench-'));
const file = join(root, 'preview.mp4');
const media = createMedia({ env });

try {
  const { ffmpeg } = await media.tools();
  const run = (...words: string[]): void => {
    execFileSync(ffmpeg.path, ['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-y', ...words], { stdio: 'ignore' });
  };
  const pictures = ['-f', 'lavfi', '-i', `testsrc2=s=1920x1080:r=30:d=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `anoisesrc=a=0.1:c=pink:r=48000:d=${seconds}`, '-ac', '2'];
  run(...pictures, ...sound, '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file);
  const meter = ['-af', 'ebur128=peak=true:framelog=verbose'];
  const timed: Record<string, number[]> = { ours: [], withPictures: [], loudnorm: [], bareDecode: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    await clock('ours', () => media.loudness(file, new AbortController().signal));
    await clock('withPictures', () => run('-i', file, ...meter, '-f', 'null', '-'));
    await clock('loudnorm', () => run('-i', file, '-vn', '-af', 'loudnorm=print_format=json', '-f', 'null', '-'));
    await clock('bareDecode', () => run('-i', file, '-vn', '-f', 'null', '-'));
  }
  async function clock(name: string, work: () => unknown): Promise<void> {
    const from = performance.now();
    await work();
    timed[name]?.push(performance.now() - from);
  }
  const median = (name: string) => Math.round(timed[name]?.toSorted((one, other) => one - other)[1] ?? Number.NaN);
  const ms = { ours: median('ours'), withPictures: median('withPictures'), loudnorm: median('loudnorm'), bareDecode: median('bareDecode') };
  const row = (peer: keyof typeof ms, what: string, want: number): Row => {
    const ratio = ms.ours / ms[peer];
    return { target: '-', what, ours: `${ms.ours} ms`, peer: `${ms[peer]} ms`, ratio, want: `<= ${want} x`, met: ratio <= want };
  };
  report(
    [
      row('withPictures', 'loudness / the same without -vn', 0.3),
      row('loudnorm', 'loudness / loudnorm', 1),
      row('bareDecode', 'loudness / decoding the audio alone', 4),
    ],
    { seconds, ffmpeg: ffmpeg.version, ms },
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
