// Where a shell command writes: lines on stdout, trouble on stderr, and a current line that is drawn over on a terminal.
// Whatever it is told, only this file drives the terminal.

import { escapeActing } from '../core/acting.ts';

export interface Output {
  readonly line: (text: string) => void;
  readonly trouble: (text: string) => void;
  /** Draws over the current line on a terminal; elsewhere says it once, as a line. null clears it. */
  readonly current: (text: string | null) => void;
}

export interface Stream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly write: (text: string) => unknown;
}

const CLEAR_LINE = '\r\u001b[K';

export function createOutput(stdout: Stream, stderr: Stream): Output {
  let drawn = false;
  const terminal = stdout.isTTY === true;

  function clear(): void {
    if (drawn) stdout.write(CLEAR_LINE);
    drawn = false;
  }

  return {
    line: (text) => {
      clear();
      stdout.write(`${escapeActing(text)}\n`);
    },
    trouble: (text) => {
      clear();
      stderr.write(`${escapeActing(text)}\n`);
    },
    current: (text) => {
      clear();
      if (text === null || !terminal) return;
      stdout.write(escapeActing(text).slice(0, (stdout.columns ?? 80) - 1));
      drawn = true;
    },
  };
}
