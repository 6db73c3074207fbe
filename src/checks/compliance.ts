// Logs of media that was made elsewhere, held to what a preview must be: an ebur128 log and ffprobe's JSON.

import { z } from 'zod';
import { type CheckResult, error, fail, pass } from '../core/check.ts';
import { GATE_FLOOR_LUFS, parseEbur128 } from '../core/ebur128.ts';
import type { Measured } from '../core/media.ts';

/** Each answer under a name of its own, so that a script can tell failures apart. */
export interface Finding {
  readonly check: string;
  readonly result: CheckResult;
}

const QUIETEST_LUFS = -32;
const LOUDEST_LUFS = -5;
const HIGHEST_PEAK_DBTP = -1;
const MEASURE = 'Measure again: ffmpeg -i FILE -vn -af ebur128=peak=true -f null - 2> FILE_ebur128.txt';
const PROBE = 'Write it again: ffprobe -v error -show_streams -show_format -of json FILE > FILE_ffprobe.json';

/** A log of several streams is judged as a whole: each of them must comply. */
export function judgeAudioLog(log: string): readonly Finding[] {
  const summaries = parseEbur128(log);
  if (summaries.length === 0) return [{ check: 'audio_measured', result: error('there is no ebur128 summary in the log', MEASURE) }];
  return summaries.flatMap(({ integratedLufs, truePeakDbtp }, at) => {
    const stream = summaries.length === 1 ? '' : `_${at + 1}`;
    return [
      { check: `audio_lufs${stream}`, result: judgeLufs(integratedLufs) },
      { check: `audio_peak${stream}`, result: judgePeak(truePeakDbtp) },
    ];
  });
}

function judgeLufs(measured: Measured): CheckResult {
  if (measured.value === null) return error(`integrated loudness was not measured: ${measured.why}`, MEASURE);
  const sentence = `integrated loudness ${measured.value.toFixed(1)} LUFS`;
  if (measured.value <= GATE_FLOOR_LUFS) return fail(`${sentence}: silence`, 'Look at the mix: a muted track or a wrong map.');
  if (measured.value < QUIETEST_LUFS)
    return fail(`${sentence}, quieter than ${QUIETEST_LUFS} LUFS`, 'Raise it, e.g. with the loudnorm filter.');
  if (measured.value > LOUDEST_LUFS)
    return fail(`${sentence}, louder than ${LOUDEST_LUFS} LUFS`, 'Lower it, e.g. with the loudnorm filter.');
  return pass(`${sentence}, between ${QUIETEST_LUFS} and ${LOUDEST_LUFS} LUFS`);
}

function judgePeak(measured: Measured): CheckResult {
  if (measured.value === null) return error(`true peak was not measured: ${measured.why}`, MEASURE);
  const sentence = `true peak ${measured.value.toFixed(1)} dBTP`;
  if (measured.value > HIGHEST_PEAK_DBTP)
    return fail(`${sentence}, above ${HIGHEST_PEAK_DBTP.toFixed(1)} dBTP`, 'Lower it, or put a true-peak limiter behind the mix.');
  return pass(`${sentence}, at most ${HIGHEST_PEAK_DBTP.toFixed(1)} dBTP`);
}

const probed = z.looseObject({
  streams: z.array(
    z.looseObject({
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      pix_fmt: z.string().optional(),
      disposition: z.looseObject({ attached_pic: z.number().optional() }).optional(),
    }),
  ),
});

export function judgeContainerJson(text: string): readonly Finding[] {
  const read = probed.safeParse(parseJson(text));
  if (!read.success) return [{ check: 'container_read', result: error("this is not ffprobe's JSON: it has no list of streams", PROBE) }];
  const { streams } = read.data;
  const video = streams.find(({ codec_type, disposition }) => codec_type === 'video' && disposition?.attached_pic !== 1);
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  const pictures: readonly Finding[] =
    video === undefined
      ? [{ check: 'container_video', result: fail('there is no video stream', 'Look at how it was muxed.') }]
      : [
          { check: 'container_codec_name', result: exactly('video codec', video.codec_name, 'h264', '-c:v libx264') },
          { check: 'container_pix_fmt', result: exactly('pixel format', video.pix_fmt, 'yuv420p', '-pix_fmt yuv420p') },
        ];
  const sound =
    audio === undefined
      ? fail('there is no audio stream', 'Map the audio into it: -map 0:v -map 1:a')
      : pass(`audio stream ${audio.codec_name ?? 'of an unnamed codec'}`);
  return [...pictures, { check: 'container_audio', result: sound }];
}

function exactly(what: string, found: string | undefined, wanted: string, option: string): CheckResult {
  if (found === undefined) return error(`ffprobe names no ${what}`, PROBE);
  return found === wanted ? pass(`${what} ${found}`) : fail(`${what} ${found}, not ${wanted}`, `Encode with: ${option}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
