// Golden sets: what a game's video must look and sound like. Names and layout are MOBIUS's own.

import type { CheckResult } from './check.ts';
import type { Fingerprint, MediaFacts, Tools } from './media.ts';

/** One gate of a golden check, under the name it has in JUnit: `frame_5s`, `container_pix_fmt`, `audio_lufs`. */
export interface GoldenCase {
  readonly name: string;
  readonly result: CheckResult;
}

export interface GoldenReport {
  readonly game: string;
  readonly file: string;
  /** Where the set lies. */
  readonly folder: string;
  readonly cases: readonly GoldenCase[];
  /** By the method that gates; null = no frame was compared. */
  readonly lowestSsim: number | null;
  /** null = no audio, or not measured. */
  readonly lufs: number | null;
  /** The very video that was measured. */
  readonly video: Fingerprint;
  readonly tools: Tools;
}

export const OS_SETS = ['linux', 'macos', 'windows'] as const;
export type OsSet = (typeof OS_SETS)[number];

/** "Sushi Go" lies in the folder `sushi-go`; null when nothing is left of the name. */
export function gameFolder(game: string): string | null {
  const slug = game
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? null : slug;
}

/** 5 -> "5s", 2.5 -> "2p5s". */
export function frameTime(atS: number): string {
  return `${String(atS).replace('.', 'p')}s`;
}

export function framePng(folder: string, atS: number): string {
  return `${folder}/frames/frame_${frameTime(atS)}.png`;
}

/** The video the set was made from; most sets have none. */
export function goldenVideo(folder: string): string {
  return `${folder}/video.mp4`;
}

export function diffPng(folder: string, atS: number): string {
  return `${folder}/debug/diff_${frameTime(atS)}.png`;
}

/** "5,10,2.5" -> seconds in order, each once; null when one is none. */
export function parseFrames(text: string): readonly number[] | null {
  const words = text.split(',').map((word) => word.trim());
  if (!words.every((word) => /^\d{1,6}(\.\d{1,6})?$/.test(word))) return null;
  return [...new Set(words.map(Number))].sort((one, other) => one - other);
}

/** What a whole check comes to: a failed gate outweighs one that could not be asked, and neither is a pass. */
export function outcomeOf({ cases }: Pick<GoldenReport, 'cases'>): 'pass' | 'fail' | 'error' {
  if (cases.some(({ result }) => result.kind === 'fail')) return 'fail';
  return cases.length > 0 && cases.every(({ result }) => result.kind === 'pass') ? 'pass' : 'error';
}

/** container.json as a set made from this video has it. */
export function containerJson(game: string, facts: MediaFacts, generatedAt: string) {
  const { video, format, tools } = facts;
  return {
    game,
    input: facts.file,
    video:
      video === null
        ? null
        : {
            codec_name: video.codec,
            width: video.width,
            height: video.height,
            pix_fmt: video.pixFmt,
            avg_frame_rate: video.frameRate?.text ?? null,
            sample_aspect_ratio: video.sampleAspectRatio,
            display_aspect_ratio: video.displayAspectRatio,
          },
    format,
    tools: { ffmpeg: tools.ffmpeg.version, ffprobe: tools.ffprobe.version },
    generated_at: generatedAt,
  };
}
