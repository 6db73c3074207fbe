// The Media port: ffprobe for facts, ffmpeg for frames and loudness, SSIM in worker threads.

import { rm } from 'node:fs/promises';
import type { Media, Tools } from '../../core/media.ts';
import { createBinaries, type Variables } from './binaries.ts';
import { compareFrames } from './compare.ts';
import { compareVideos } from './every-frame.ts';
import { probe } from './ffprobe.ts';
import { fingerprint } from './fingerprint.ts';
import { frameAsPng, writeDiff } from './frames.ts';
import { measureLoudness } from './loudness.ts';

export function createMedia({ env }: { readonly env: Variables }): Media {
  const binaryOf = createBinaries(env);
  const tools = async (): Promise<Tools> => {
    const [ffmpeg, ffprobe] = await Promise.all([binaryOf('ffmpeg'), binaryOf('ffprobe')]);
    return { ffmpeg, ffprobe };
  };
  return {
    tools,
    probe: async (file, signal) => probe(file, await tools(), signal),
    fingerprint,
    loudness: async (file, signal) => measureLoudness(file, await tools(), signal),
    compareFrames: async (compare) => {
      const found = await tools();
      return { frames: await compareFrames(compare, found), tools: found };
    },
    compareVideos: async (compare) => compareVideos(compare, await tools()),
    writeDiff: async (diff) => writeDiff(diff, await tools()),
    dropDiff: (path) => rm(path, { force: true }).catch(() => {}),
    frame: async (file, atS, signal) => frameAsPng(file, atS, await tools(), signal),
  };
}
