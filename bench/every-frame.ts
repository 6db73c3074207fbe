// P3: every frame of 10 s of 1080p30 held against a golden video, beside ffmpeg's bare `ssim` over the same two files: `node bench/every-frame.ts [rounds]`.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env } from 'node:process';
import { promisify } from 'node:util';
import { createMedia } from '../src/host/media/media.ts';
import { report, row } from './support/table.ts';
import { medians } from './support/timed.ts';

const rounds = Number(argv[2] ?? 3);
const media = createMedia({ env });
const { ffmpeg } = await media.tools();
const { signal } = new AbortController();
const dir = mkdtempSync(join(tmpdir(), 'dhash-bench-frames-'));
const [golden, file] = [join(dir, 'golden.mp4'), join(dir, 'now.mp4')];

try {
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '60', '-pix_fmt', 'yuv420p'];
  execFileSync(ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=10,boxblur=2', ...coded, golden]);
  execFileSync(ffmpeg.path, ['-v', 'error', '-i', golden, ...coded, '-crf', '26', file]);
  const facts = await media.probe(file, signal);
  const ms = await medians(
    {
      ours: async () => {
        const compared = await media.compareVideos({ facts, golden, signal });
        if (compared.kind !== 'compared' || compared.frames !== 300) throw new Error('not all of the 300 frames were compared');
      },
      // As low as ours: beside other work, priority alone would decide.
      plain: () => promisify(execFile)('nice', ['-n', '10', ffmpeg.path, '-i', golden, '-i', file, '-lavfi', 'ssim', '-f', 'null', '-']),
    },
    rounds,
  );
  report([row('P3', "every-frame check of 10 s / ffmpeg's decode + ssim, ms", ms.ours, ms.plain, 2)], {
    rounds,
    cores: availableParallelism(),
    ffmpeg: ffmpeg.version,
    ms,
  });
} finally {
  rmSync(dir, { recursive: true, force: true });
}
