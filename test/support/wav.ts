// Sine tones as WAV files, 16 bit, written from one repeated pattern: an hour of sound costs no computing.

import { writeFile } from 'node:fs/promises';

export interface Part {
  readonly seconds: number;
  /** One level for each channel, in dBFS of the sine's peak; null = silence. */
  readonly dbfs: readonly (number | null)[];
}

export interface Tone {
  readonly rate?: number;
  /** Which loudspeakers, as WAVE_FORMAT_EXTENSIBLE numbers them: 0x3 stereo, 0x4 mono, 0x37 5.0, 0x3f 5.1. */
  readonly mask?: number;
  /** A period in samples; default: 1 kHz. */
  readonly period?: number;
  readonly phaseDegrees?: number;
  readonly parts: readonly Part[];
}

const FULL_SCALE = 32_767;
/** Holds whole periods of 1 kHz (at every usual rate) and of a quarter, a sixth and an eighth of the rate. */
const PATTERN_SAMPLES = 3 * 8;

export async function writeTone(path: string, { rate = 48_000, mask = 0x3, period, phaseDegrees = 0, parts }: Tone): Promise<void> {
  const samples = period === undefined ? rate / 100 : PATTERN_SAMPLES;
  const each = period ?? rate / 1_000;
  const sine = Array.from({ length: samples }, (_, at) => Math.sin((2 * Math.PI * at) / each + (phaseDegrees * Math.PI) / 180));
  const data = Buffer.concat(
    parts.map(({ seconds, dbfs }) => {
      const pattern = Buffer.alloc(samples * dbfs.length * 2);
      for (const [at, value] of sine.entries()) {
        for (const [channel, level] of dbfs.entries()) {
          const amplitude = level === null ? 0 : 10 ** (level / 20);
          pattern.writeInt16LE(Math.round(value * amplitude * FULL_SCALE), (at * dbfs.length + channel) * 2);
        }
      }
      return Buffer.alloc(Math.round(seconds * rate) * dbfs.length * 2, pattern);
    }),
  );
  await writeFile(path, Buffer.concat([header(rate, mask, parts[0]?.dbfs.length ?? 2, data.length), data]));
}

function header(rate: number, mask: number, channels: number, bytes: number): Buffer {
  const head = Buffer.alloc(68);
  head.write('RIFF', 0);
  head.writeUInt32LE(60 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(40, 16);
  head.writeUInt16LE(0xfffe, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * channels * 2, 28);
  head.writeUInt16LE(channels * 2, 32);
  head.writeUInt16LE(16, 34);
  head.writeUInt16LE(22, 36);
  head.writeUInt16LE(16, 38);
  head.writeUInt32LE(mask, 40);
  // The GUID of PCM.
  Buffer.from('0100000000001000800000aa00389b71', 'hex').copy(head, 44);
  head.write('data', 60);
  head.writeUInt32LE(bytes, 64);
  return head;
}
