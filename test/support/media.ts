// A Media port that answers what a test says: a 1080p video without audio, alike to every golden, unless it says otherwise.

import type { Fingerprint, Media, MediaFacts, Tools } from '../../src/core/media.ts';

export const TOOLS: Tools = {
  ffmpeg: { version: '5.1.7', path: '/usr/bin/ffmpeg', from: 'path' },
  ffprobe: { version: '5.1.7', path: '/usr/bin/ffprobe', from: 'path' },
};

export const FACTS: MediaFacts = {
  file: '/srv/preview.mp4',
  video: {
    codec: 'h264',
    width: 1920,
    height: 1080,
    pixFmt: 'yuv420p',
    frameRate: { text: '30/1', value: 30 },
    sampleAspectRatio: '1:1',
    displayAspectRatio: '16:9',
    colorRange: 'tv',
    rotation: 0,
  },
  audio: null,
  durationS: 28,
  format: { duration: '28.000000', nb_streams: 1 },
  tools: TOOLS,
};

const unmeasured = { value: null, why: 'no audio stream' } as const;

export const VIDEO: Fingerprint = { sha256: '9b1f'.padEnd(64, '0'), writtenAt: Date.UTC(2026, 10, 23, 11, 0) };

export function fakeMedia(more: Partial<Media> = {}): Media {
  const size = { width: 1920, height: 1080 };
  return {
    fingerprint: async () => VIDEO,
    probe: async (file) => ({ ...FACTS, file }),
    loudness: async () => ({ integratedLufs: unmeasured, rangeLu: unmeasured, truePeakDbtp: unmeasured, tools: TOOLS }),
    compareFrames: async ({ frames }) => ({
      frames: frames.map(({ atS }) => ({
        kind: 'compared',
        atS,
        ssim: 1,
        lowest: { x: 0, y: 0, width: 11, height: 11, ssim: 1 },
        ffmpegAll: 1,
        golden: size,
        current: size,
        scaled: false,
      })),
      tools: TOOLS,
    }),
    compareVideos: async () => ({
      kind: 'compared',
      frames: 840,
      mean: 1,
      worst: { ssim: 1, frame: 1, atS: 0 },
      golden: size,
      current: size,
    }),
    writeDiff: async () => {},
    dropDiff: async () => {},
    frame: async () => new Uint8Array([1]),
    tools: async () => TOOLS,
    ...more,
  };
}
