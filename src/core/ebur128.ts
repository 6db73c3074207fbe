// What ffmpeg's `ebur128=peak=true` prints when it ends, read from a log.

import type { Measured } from './media.ts';

export interface Ebur128 {
  readonly integratedLufs: Measured;
  readonly rangeLu: Measured;
  readonly truePeakDbtp: Measured;
}

/** Quieter than this is gated out of every measurement; ffmpeg also prints it when nothing was left to measure. */
export const GATE_FLOOR_LUFS = -70;
/** One full-scale sample in a 400 ms block already gives about -43 LUFS, so what peaks above this and still reads -70 had no whole block. */
const LOUDEST_UNHEARD_DB = -27;

const NUMBER = '(-?(?:\\d+(?:\\.\\d+)?|inf|nan))';
const HEADING = /^(Integrated loudness|Loudness range|True peak|Sample peak):$/;
const VALUES: Readonly<Record<keyof Ebur128, { readonly under: string; readonly line: RegExp; readonly name: string }>> = {
  integratedLufs: { under: 'Integrated loudness', line: new RegExp(`^I:\\s*${NUMBER}\\s+LUFS$`), name: 'integrated loudness' },
  rangeLu: { under: 'Loudness range', line: new RegExp(`^LRA:\\s*${NUMBER}\\s+LU$`), name: 'loudness range' },
  truePeakDbtp: { under: 'True peak', line: new RegExp(`^Peak:\\s*${NUMBER}\\s+dBFS$`), name: 'true peak' },
};

/** One for each filter that ended, in the order they did; none for a log that breaks off before. */
export function parseEbur128(log: string): readonly Ebur128[] {
  const blocks: Map<keyof Ebur128, string>[] = [];
  let heading = '';
  for (const raw of log.split(/\r\n|\r|\n/)) {
    // "[Parsed_ebur128_0 @ 0x55...] " stands before the first line, and before each where the log level is written out.
    const line = raw.replace(/^(?:\[[^\]]*\]\s*)+/, '').trim();
    if (/(?:^|\s)Summary:$/.test(line)) {
      blocks.push(new Map());
      heading = '';
    }
    heading = HEADING.exec(line)?.[1] ?? heading;
    for (const key of ['integratedLufs', 'rangeLu', 'truePeakDbtp'] as const) {
      const { under, line: shape } = VALUES[key];
      const value = heading === under ? shape.exec(line)?.[1] : undefined;
      if (value !== undefined) blocks.at(-1)?.set(key, value);
    }
  }
  return blocks.filter((block) => block.size > 0).map(toMeasured);
}

function toMeasured(block: ReadonlyMap<keyof Ebur128, string>): Ebur128 {
  const [integrated, range, peak] = (['integratedLufs', 'rangeLu', 'truePeakDbtp'] as const).map((key) => number(block, key));
  if (integrated === undefined || range === undefined || peak === undefined) throw new RangeError('three values make a summary');
  const heard = peak.value !== null && peak.value > LOUDEST_UNHEARD_DB;
  if (integrated.value !== null && integrated.value <= GATE_FLOOR_LUFS && heard) {
    const why = `${integrated.value.toFixed(1)} LUFS with a peak of ${peak.value?.toFixed(1)} dBTP: there are no 400 ms of audio to measure`;
    return { integratedLufs: { value: null, why }, rangeLu: { value: null, why }, truePeakDbtp: peak };
  }
  return { integratedLufs: integrated, rangeLu: range, truePeakDbtp: peak };
}

function number(block: ReadonlyMap<keyof Ebur128, string>, key: keyof Ebur128): Measured {
  const text = block.get(key);
  const { name } = VALUES[key];
  if (text === undefined) return { value: null, why: `ffmpeg printed no ${name}` };
  if (text.endsWith('nan')) return { value: null, why: `ffmpeg printed ${text} as ${name}` };
  // Digital silence. Loudness has a floor to stand for it; a peak has none that JSON could hold.
  if (text === '-inf' && key === 'integratedLufs') return { value: GATE_FLOOR_LUFS };
  if (text.endsWith('inf'))
    return { value: null, why: text === '-inf' ? 'digital silence, -inf dBFS' : `ffmpeg printed ${text} as ${name}` };
  return { value: Number(text) };
}
