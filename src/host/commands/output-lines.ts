// Bytes of a program's output -> clean, short, redacted lines, with a bounded memory however much is printed.

import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { withoutActing } from '../../core/acting.ts';
import type { Redact } from '../redact.ts';

export interface OutputLines {
  readonly push: (chunk: Buffer) => void;
  /** Gives out a last line that had no end. */
  readonly end: () => void;
}

const LONGEST_LINE = 4_096;
// A line is redacted before it is cut, so that a secret across the cut does not stay behind by half.
const LONGEST_RAW = 4 * LONGEST_LINE;
const CUT = ' [cut]';
// The end of what was kept may be half a secret: no longer one is looked for.
const LONGEST_SECRET = 1_024;

export function createOutputLines(redact: Redact, onLine: (line: string) => void): OutputLines {
  const decoder = new StringDecoder('utf8');
  let open = '';
  let inKey = false;

  const take = (text: string): void => {
    if (open.length < LONGEST_RAW) open += text.slice(0, LONGEST_RAW - open.length);
  };
  const flush = (): void => {
    const line = cleanLine(open, redact);
    // A private key has its secret in the lines after the one that names it.
    const isKey = inKey && KEY_LINE.test(open);
    inKey = (isKey && !KEY_ENDS.test(open)) || KEY_BEGINS.test(open);
    open = '';
    // A progress bar leaves many empty lines behind its carriage returns.
    if (!isKey && line.trim() !== '') onLine(line);
  };
  const push = (text: string): void => {
    const pieces = text.split(/[\r\n]+/);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) flush();
      take(piece);
    }
  };

  return {
    push: (chunk) => push(decoder.write(chunk)),
    end: () => {
      push(decoder.end());
      flush();
    },
  };
}

/** One line, redacted and without control characters. */
export function cleanLine(raw: string, redact: Redact): string {
  const plain = redact(withoutActing(stripVTControlCharacters(raw).replaceAll('\t', '  '), ''));
  if (plain.length <= LONGEST_LINE && raw.length < LONGEST_RAW) return plain;
  const whole = raw.length < LONGEST_RAW ? plain : plain.slice(0, -LONGEST_SECRET);
  return `${whole.slice(0, LONGEST_LINE - CUT.length).toWellFormed()}${CUT}`;
}

const KEY_BEGINS = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/;
const KEY_LINE = /^\s*(?:[A-Za-z0-9+/=]+|(?:Proc-Type|DEK-Info): .*|-----END [A-Z ]{0,40}PRIVATE KEY-----)\s*$/;
const KEY_ENDS = /-----END /;
