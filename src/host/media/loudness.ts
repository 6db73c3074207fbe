// Loudness of the first audio stream by EBU R128: ffmpeg's ebur128 filter, with nothing before it that mixes channels or changes the rate.

import { type Ebur128, parseEbur128 } from '../../core/ebur128.ts';
import { BotError } from '../../core/error.ts';
import type { Loudness, Measured, Tools } from '../../core/media.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { probe } from './ffprobe.ts';

const TIMEOUT_MS = 5 * 60_000;
/** The summary has 13 lines; what comes before it is of no use. */
const KEPT_LINES = 40;

export async function measureLoudness(file: string, tools: Tools, signal: AbortSignal): Promise<Loudness> {
  const lines: string[] = [];
  try {
    await runFfmpeg(tools.ffmpeg, {
      inputs: [{ file }],
      // Without -vn ffmpeg would decode the pictures too: seventeen times the work.
      outputOptions: ['-vn', '-sn', '-dn', '-map', '0:a:0', '-af', 'ebur128=peak=true:framelog=verbose'],
      format: 'null',
      pipeTo: null,
      timeoutMs: TIMEOUT_MS,
      signal,
      onStderrLine: (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      },
    });
  } catch (failure) {
    if (!(failure instanceof BotError) || failure.code !== 'media-unreadable') throw failure;
    // A file without audio is no broken file. Asked only now, so that the usual case needs one process.
    if ((await probe(file, tools, signal)).audio !== null) throw failure;
    return { ...allNull('there is no audio stream'), tools };
  }
  const measured = parseEbur128(lines.join('\n')).at(-1) ?? allNull('ffmpeg printed no loudness');
  return { ...measured, tools };
}

function allNull(why: string): Ebur128 {
  const none: Measured = { value: null, why };
  return { integratedLufs: none, rangeLu: none, truePeakDbtp: none };
}
