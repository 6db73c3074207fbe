// What may be asked about a video or an audio file. Each answer names the tools that gave it, and what was not measured is null with a reason.

import type { JsonObject } from './json.ts';
import type { Instant } from './time.ts';

/** A program that measures: "it failed" means little without knowing which ffmpeg said so. */
export interface Tool {
  /** As it prints it: "5.1.7-0+deb12u1", "n7.0". */
  readonly version: string;
  readonly path: string;
  /** `variable` = FFMPEG_PATH or FFPROBE_PATH, `path` = found on PATH, `npm` = the one that was installed with the bot. */
  readonly from: 'variable' | 'path' | 'npm';
}

export interface Tools {
  readonly ffmpeg: Tool;
  readonly ffprobe: Tool;
}

export type Measured = { readonly value: number } | { readonly value: null; readonly why: string };

export interface Fraction {
  /** As ffprobe writes it: "30000/1001". */
  readonly text: string;
  readonly value: number;
}

export interface VideoStream {
  readonly codec: string;
  /** As stored; a player turns it by `rotation`. */
  readonly width: number;
  readonly height: number;
  readonly pixFmt: string | null;
  readonly frameRate: Fraction | null;
  readonly sampleAspectRatio: string | null;
  readonly displayAspectRatio: string | null;
  /** "tv" (limited), "pc" (full), or null where the file does not say. */
  readonly colorRange: string | null;
  /** Degrees, 0 to 359. */
  readonly rotation: number;
}

export interface AudioStream {
  readonly codec: string;
  readonly sampleRate: number | null;
  readonly channels: number | null;
  readonly channelLayout: string | null;
}

export interface MediaFacts {
  readonly file: string;
  /** The first of its kind; a cover picture is none. */
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
  readonly durationS: number | null;
  /** ffprobe's own format object. */
  readonly format: JsonObject;
  readonly tools: Tools;
}

export interface Fingerprint {
  readonly sha256: string;
  /** When the file was last written. */
  readonly writtenAt: Instant;
}

export interface Loudness {
  readonly integratedLufs: Measured;
  readonly rangeLu: Measured;
  readonly truePeakDbtp: Measured;
  readonly tools: Tools;
}

/** A window of the picture, in pixels of the golden frame, and how alike the two pictures are in it. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly ssim: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ComparedFrame {
  readonly kind: 'compared';
  readonly atS: number;
  /** Of the luma, as ssim.js has it in its exact mode (Gaussian window, no downsampling): mean of all windows. */
  readonly ssim: number;
  readonly lowest: Window;
  /** ffmpeg's `ssim` filter on RGB, the number it prints as `All`. */
  readonly ffmpegAll: number;
  readonly golden: Size;
  /** As displayed, before it was scaled to the golden's size. */
  readonly current: Size;
  readonly scaled: boolean;
}

/** `why` is a sentence: beyond the end, no such golden, not a PNG. Never a pass. */
export interface UncomparedFrame {
  readonly kind: 'not-compared';
  readonly atS: number;
  readonly code: 'beyond-end' | 'no-golden' | 'bad-golden';
  readonly why: string;
}

export type FrameComparison = ComparedFrame | UncomparedFrame;

/** Every frame of a video against the golden video's, frame by frame; ffmpeg's `All` on the planes as decoded. */
export interface ComparedVideo {
  readonly kind: 'compared';
  readonly frames: number;
  readonly mean: number;
  readonly worst: { readonly ssim: number; readonly frame: number; readonly atS: number };
  /** As stored: those of the golden, and of the video before it was scaled to them. */
  readonly golden: Size;
  readonly current: Size;
}

export type VideoComparison = ComparedVideo | { readonly kind: 'no-golden'; readonly why: string };

export interface GoldenFrame {
  /** Seconds from the start; the frame meant is the first one at or after it. */
  readonly atS: number;
  /** Absolute path of the golden PNG. */
  readonly png: string;
}

export interface Media {
  /** Throws BotError `media-unreadable` for what is no media file, `media-tool-missing`, `media-timed-out` or `media-canceled`: as all of these do. */
  readonly probe: (file: string, signal: AbortSignal) => Promise<MediaFacts>;
  readonly fingerprint: (file: string, signal: AbortSignal) => Promise<Fingerprint>;
  /** EBU R128 over the first audio stream. Without one every number is null with that reason. */
  readonly loudness: (file: string, signal: AbortSignal) => Promise<Loudness>;
  /** In the order asked for; off the event loop. */
  readonly compareFrames: (compare: {
    readonly facts: MediaFacts;
    readonly frames: readonly GoldenFrame[];
    /** The least SSIM that is wanted: what comes close to it is scored again, by ssim.js itself. */
    readonly threshold: number;
    readonly signal: AbortSignal;
  }) => Promise<{ readonly frames: readonly FrameComparison[]; readonly tools: Tools }>;
  readonly compareVideos: (compare: {
    readonly facts: MediaFacts;
    /** Absolute path of the golden video. */
    readonly golden: string;
    readonly signal: AbortSignal;
  }) => Promise<VideoComparison>;
  /** Golden, current and their difference side by side as a PNG, the lowest window marked; written whole or not at all. */
  readonly writeDiff: (diff: {
    readonly file: string;
    readonly frame: GoldenFrame;
    readonly lowest: Window;
    readonly to: string;
    readonly signal: AbortSignal;
  }) => Promise<void>;
  /** Takes such a picture of an earlier check away, if there is one. Never throws: it is no part of an answer. */
  readonly dropDiff: (path: string) => Promise<void>;
  /** The frame as PNG; null when the video ends before it. */
  readonly frame: (file: string, atS: number, signal: AbortSignal) => Promise<Uint8Array | null>;
  readonly tools: () => Promise<Tools>;
}
