// A golden set made from a video: frames, container.json and audio_stats.json in a folder of their own.

import { copyFile, open, rm } from 'node:fs/promises';
import { BotError } from '../../core/error.ts';
import { containerJson, framePng, goldenVideo } from '../../core/golden.ts';
import type { Loudness, Media, MediaFacts } from '../../core/media.ts';
import { writeDurably } from '../files.ts';

export interface NewSet {
  readonly game: string;
  readonly file: string;
  /** Seconds. */
  readonly frames: readonly number[];
  /** Keeps the video itself too, so that every frame of another can be held against it. */
  readonly withVideo: boolean;
  readonly into: string;
  readonly generatedAt: string;
  readonly signal: AbortSignal;
}

/** Nothing is left in `into` when it throws. */
export async function makeSet(media: Media, set: NewSet): Promise<void> {
  await rm(set.into, { recursive: true, force: true });
  try {
    const facts = await media.probe(set.file, set.signal);
    if (facts.video === null) {
      throw new BotError({ code: 'no-video', message: `${set.file} has no video stream.`, hint: `Look at it: ffprobe ${set.file}` });
    }
    const loudness = facts.audio === null ? null : await media.loudness(set.file, set.signal);
    for (const atS of set.frames) {
      const png = await media.frame(set.file, atS, set.signal);
      if (png === null) throw beyond(set.file, atS, facts);
      await writeDurably(framePng(set.into, atS), png);
    }
    if (set.withVideo) await copyDurably(set.file, goldenVideo(set.into));
    await writeDurably(`${set.into}/audio_stats.json`, json(audioStats(set, loudness)));
    await writeDurably(`${set.into}/container.json`, json(containerJson(set.game, facts, set.generatedAt)));
  } catch (error) {
    await rm(set.into, { recursive: true, force: true });
    throw error;
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const copy = await open(to, 'r+');
  try {
    await copy.sync();
  } finally {
    await copy.close();
  }
}

function audioStats({ game, generatedAt }: NewSet, loudness: Loudness | null) {
  if (loudness === null) return { game, note: 'no audio stream', generated_at: generatedAt };
  const { integratedLufs, rangeLu, truePeakDbtp } = loudness;
  if (integratedLufs.value === null) return { game, note: integratedLufs.why, generated_at: generatedAt };
  return {
    game,
    integrated_lufs: integratedLufs.value,
    loudness_range_lu: rangeLu.value,
    true_peak_db: truePeakDbtp.value,
    generated_at: generatedAt,
  };
}

function beyond(file: string, atS: number, { durationS }: MediaFacts): BotError {
  const end = durationS === null ? '' : `, which ends at ${durationS} s`;
  return new BotError({ code: 'beyond-end', message: `There is no frame at ${atS} s in ${file}${end}.`, hint: 'Ask for earlier frames.' });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
