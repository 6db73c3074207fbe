// P15, the bot's loop while all that is heavy happens at once: 200 watches, a backup, a golden check: `node bench/together.ts [watches] [seconds]`.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { argv } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { checkGolden } from '../src/checks/golden.ts';
import { outcomeOf } from '../src/core/golden.ts';
import { makeSet } from '../src/host/golden/make-set.ts';
import { report, row } from './support/table.ts';
import { fillTree } from './support/tree.ts';
import { startWatches } from './support/watches.ts';

const count = Number(argv[2] ?? 200);
const seconds = Number(argv[3] ?? 40);
const FRAMES = [2, 5, 8];
const { signal } = new AbortController();
const { dataDir, composed, config, stop } = await startWatches(count, 30_000);
const { media, backups, files, clock } = composed.ports;
const environment = Object.values(config.environments)[0];
if (environment === undefined) throw new Error('no environment');
const video = join(dataDir, 'video.mp4');
const set = { game: 'bench', file: video, frames: FRAMES };
const gates = {
  audio: { lufsTolerance: 1, truePeakTolerance: 1 },
  video: { ssimThreshold: 0.995, ssimMethod: 'ffmpeg', frameRateTolerance: 0.1, resolution: { width: 1920, height: 1080 } },
} as const;
await prepare();

const done = { backups: 0, checks: 0 };
const alone = await worstMs(async () => pause(10_000));
const together = await worstMs(async (until) => {
  await Promise.all([
    (async () => {
      for (; performance.now() < until; done.backups += 1) await backup();
    })(),
    (async () => {
      for (; performance.now() < until; done.checks += 1) await check();
    })(),
  ]);
});
await stop();
report([row('P15', `loop beside a backup, a golden check and ${count} watches, p99.9 / 50 ms`, together, 50, 1)], {
  seconds,
  watchesAloneMs: alone,
  ...done,
});

async function worstMs(work: (until: number) => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await work(performance.now() + seconds * 1_000);
  delay.disable();
  return delay.percentile(99.9) / 1e6;
}

async function prepare(): Promise<void> {
  const { ffmpeg } = await media.tools();
  const made = ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=30:d=10,noise=alls=6:allf=t', '-f', 'lavfi', '-i', 'sine=f=440:d=10'];
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ac', '2'];
  execFileSync(ffmpeg.path, ['-v', 'error', ...made, ...coded, video]);
  await makeSet(media, { ...set, withVideo: false, into: join(dataDir, 'set'), generatedAt: '', signal });
  const release = join(environment?.root ?? '', 'releases/v1.0.0');
  mkdirSync(release, { recursive: true });
  fillTree({ data: join(release, 'media'), program: release, megabytes: 300, files: 9_000 });
}

async function backup(): Promise<void> {
  if (environment === undefined) return;
  const release = join(environment.root, 'releases/v1.0.0');
  const { file } = await backups.create({ environment, release, tag: 'v1.0.0', commit: 'c', kind: 'manual', at: clock.now(), signal });
  const found = await backups.verify(environment, file, 'full', signal);
  if (found.kind !== 'verified') throw new Error(`the backup is ${found.kind}`);
  await backups.remove(environment, file);
}

async function check(): Promise<void> {
  const read = async (path: string) => readFileSync(path, 'utf8');
  const answer = await checkGolden(
    { media, files: { ...files, read } },
    { ...set, folder: join(dataDir, 'set'), everyFrame: false, gates },
    signal,
  );
  if (outcomeOf(answer) !== 'pass') throw new Error('the very video did not pass');
}
