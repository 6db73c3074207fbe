// What a step prints: folded for a card, and found again by step in the job's log file.

import type { Job } from './job.ts';
import { formatUtc, type Instant } from './time.ts';

export const SHOWN_LINES = 10;
const LONGEST_SHOWN = 300;

/** The last lines as a card shows them: a line that comes again and again stands once, with its count. */
export function foldLines(lines: readonly string[], most = SHOWN_LINES): readonly string[] {
  const folded: { readonly line: string; count: number }[] = [];
  for (const line of lines) {
    const last = folded.at(-1);
    if (last?.line === line) last.count += 1;
    else folded.push({ line, count: 1 });
  }
  return folded.slice(-most).map(({ line, count }) => {
    const short = line.length <= LONGEST_SHOWN ? line : `${line.slice(0, LONGEST_SHOWN).toWellFormed()} ...`;
    return count === 1 ? short : `${short} (${count} times)`;
  });
}

/** The part of a job's log file that one attempt of a step wrote. */
export interface LogPart {
  readonly step: string;
  readonly title: string;
  readonly lines: readonly string[];
}

const MARK = '=== ';

/** The line in the log file that begins such a part. */
export function partMark({ step, direction, attempt }: Pick<Job, 'step' | 'direction' | 'attempt'>, at: Instant): string {
  return `${MARK}${step ?? '-'} ${direction === 'back' ? '(going back) ' : ''}attempt ${attempt}, ${formatUtc(at)}`;
}

/** A program that prints such a line does not begin a part. */
export function partLine(line: string): string {
  return line.startsWith(MARK) ? ` ${line}` : line;
}

export function logParts(text: string): readonly LogPart[] {
  const parts: { step: string; title: string; lines: string[] }[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.startsWith(MARK)) parts.push({ step: line.slice(MARK.length).split(' ')[0] ?? '', title: line.slice(MARK.length), lines: [] });
    else if (parts.length > 0) parts.at(-1)?.lines.push(line);
    // Written before parts were marked.
    else if (line !== '') parts.push({ step: '', title: 'steps before', lines: [line] });
  }
  return parts;
}
