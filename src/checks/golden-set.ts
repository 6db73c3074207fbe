// A golden set as it lies on disk: container.json and audio_stats.json. The frames are PNGs, read by whoever compares them.

import { z } from 'zod';
import { BotError } from '../core/error.ts';
import type { Ports } from '../core/ports.ts';

const text = z.string().nullish();

const container = z.looseObject({
  video: z.looseObject({
    width: z.number().nullish(),
    height: z.number().nullish(),
    pix_fmt: text,
    avg_frame_rate: text,
    sample_aspect_ratio: text,
  }),
  format: z.looseObject({ duration: text }).optional(),
  tools: z.looseObject({ ffmpeg: text, ffprobe: text }).optional(),
  generated_at: text,
});

const number = z.number().nullish();
const audio = z.looseObject({ integrated_lufs: number, loudness_range_lu: number, true_peak_db: number, note: text });

export type GoldenContainer = z.output<typeof container>;
export type GoldenAudio = z.output<typeof audio>;

export interface GoldenSet {
  readonly folder: string;
  readonly container: GoldenContainer;
  /** null = the set has no audio_stats.json. */
  readonly audio: GoldenAudio | null;
}

/** Throws BotError `no-golden` or `bad-golden`. */
export async function readGoldenSet({ files }: { readonly files: Pick<Ports['files'], 'read'> }, folder: string): Promise<GoldenSet> {
  const found = await readJson(files, `${folder}/container.json`, container);
  if (found === null) {
    throw new BotError({
      code: 'no-golden',
      message: `There is no golden set in ${folder}: container.json is missing.`,
      hint: 'Make one: bin/dhash golden generate --game <game> --in <video> --frames 5,10,20',
    });
  }
  return { folder, container: found, audio: await readJson(files, `${folder}/audio_stats.json`, audio) };
}

async function readJson<T>(files: Pick<Ports['files'], 'read'>, path: string, schema: z.ZodType<T>): Promise<T | null> {
  const source = await files.read(path);
  if (source === null) return null;
  const read = schema.safeParse(parse(source));
  if (read.success) return read.data;
  throw new BotError({
    code: 'bad-golden',
    message: `${path} is not what a golden set holds: ${read.error.issues.map(({ path: at, message }) => `${at.join('.')} ${message}`).join('; ')}`,
    hint: 'Take it out of version control again, or make the set anew: bin/dhash golden generate',
  });
}

function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return null;
  }
}
