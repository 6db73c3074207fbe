// ffprobe's answer as facts. Not through fluent-ffmpeg: its ffprobe cannot be stopped, and it turns "28.000000" into 28.

import { resolve } from 'node:path';
import { z } from 'zod';
import { BotError } from '../../core/error.ts';
import type { JsonObject } from '../../core/json.ts';
import type { AudioStream, Fraction, MediaFacts, Tools, VideoStream } from '../../core/media.ts';
import { canceled, timedOut } from './ffmpeg.ts';

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 4 * 1024 * 1024;

const stream = z.looseObject({
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  pix_fmt: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  display_aspect_ratio: z.string().optional(),
  color_range: z.string().optional(),
  sample_rate: z.string().optional(),
  channels: z.number().optional(),
  channel_layout: z.string().optional(),
  duration: z.string().optional(),
  disposition: z.looseObject({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).optional(),
});
type Stream = z.output<typeof stream>;

const answer = z.looseObject({ streams: z.array(stream).default([]), format: z.record(z.string(), z.json()) });

export async function probe(file: string, tools: Tools, signal: AbortSignal): Promise<MediaFacts> {
  const text = await ask(file, tools, signal);
  return { file, ...parseProbe(text, file), tools };
}

/** What `ffprobe -of json -show_streams -show_format` prints. Throws BotError `media-unreadable` for anything else. */
function parseProbe(text: string, file: string): Omit<MediaFacts, 'file' | 'tools'> {
  const read = answer.safeParse(parseJson(text));
  if (!read.success) throw unreadable(file, 'ffprobe answered what is no description of a media file');
  const { streams, format } = read.data;
  const video = streams.find(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1);
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  return {
    video: video === undefined ? null : toVideo(video),
    audio: audio === undefined ? null : toAudio(audio),
    durationS: seconds(format['duration']) ?? seconds(video?.duration),
    format,
  };
}

function parseFraction(text: string | undefined): Fraction | null {
  const [, over, under] = /^(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  const value = Number(over) / Number(under);
  return text === undefined || !Number.isFinite(value) || value <= 0 ? null : { text, value };
}

async function ask(file: string, tools: Tools, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw canceled(file);
  const { ExecaError, execa } = await import('execa');
  const words = [
    '-v',
    'error',
    '-protocol_whitelist',
    'file,pipe',
    '-show_streams',
    '-show_format',
    '-of',
    'json',
    `file:${resolve(file)}`,
  ];
  try {
    const { stdout } = await execa('nice', ['-n', '10', tools.ffprobe.path, ...words], {
      extendEnv: false,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdin: 'ignore',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      cancelSignal: signal,
      maxBuffer: MOST_BYTES,
    });
    return stdout;
  } catch (cause) {
    if (!(cause instanceof ExecaError)) throw cause;
    if (cause.isCanceled) throw canceled(file);
    if (cause.timedOut) throw timedOut(file, TIMEOUT_MS);
    const why = String(cause.stderr ?? '')
      .trim()
      .split('\n')
      .at(-1);
    throw unreadable(file, why === undefined || why === '' ? cause.shortMessage : why, cause);
  }
}

function toVideo(found: Stream): VideoStream {
  return {
    codec: found.codec_name ?? 'unknown',
    width: found.width ?? 0,
    height: found.height ?? 0,
    pixFmt: found.pix_fmt ?? null,
    frameRate: parseFraction(found.avg_frame_rate),
    sampleAspectRatio: found.sample_aspect_ratio ?? null,
    displayAspectRatio: found.display_aspect_ratio ?? null,
    colorRange: found.color_range ?? null,
    rotation: ((found.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0) + 360) % 360,
  };
}

function toAudio(found: Stream): AudioStream {
  const rate = Number(found.sample_rate);
  return {
    codec: found.codec_name ?? 'unknown',
    sampleRate: Number.isFinite(rate) && rate > 0 ? rate : null,
    channels: found.channels ?? null,
    channelLayout: found.channel_layout ?? null,
  };
}

function seconds(value: JsonObject[string] | undefined): number | null {
  const found = typeof value === 'string' ? Number.parseFloat(value) : Number.NaN;
  return Number.isFinite(found) && found >= 0 ? found : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function unreadable(file: string, why: string, cause?: unknown): BotError {
  return new BotError({
    code: 'media-unreadable',
    message: `ffprobe cannot read ${file}: ${why}`,
    hint: `Look at it: ffprobe ${file}`,
    cause,
  });
}
