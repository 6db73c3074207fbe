// A page that keeps itself up to date: drawn over in place on a terminal, told one after the other elsewhere.

import { createBell } from '../core/bell.ts';
import type { Clock } from '../core/ports.ts';
import { formatUtc } from '../core/time.ts';
import { clean } from '../templates/text.ts';
import type { Stream } from './output.ts';

/** A page, and what of it is news: text that changes with every second (an age, a time left) is left out of `news`. */
export interface Screenful {
  readonly lines: readonly string[];
  readonly news: string;
}

export interface ScreenOptions {
  readonly stdout: Stream;
  readonly clock: Clock;
  readonly look: () => Promise<Screenful>;
  /** Calls the listener when something may have changed. */
  readonly onWrite: (listener: () => void) => () => void;
  readonly signal: AbortSignal;
}

const EVERY_MS = 1_000;
/** Writes come in bursts: one page for all of them. */
const SETTLE_MS = 50;

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_PAGE = '\u001b[J';

/** Until the signal aborts. A terminal is left as it was found, with the last page on it, whatever happens. */
export async function keepScreen(options: ScreenOptions): Promise<void> {
  const { stdout, clock, signal } = options;
  const bell = createBell(clock);
  const silence = options.onWrite(bell.ring);
  const draw = stdout.isTTY === true ? overIn(stdout) : oneAfterTheOther(options);
  try {
    while (!signal.aborted) {
      draw.page(await options.look());
      await bell.wait(EVERY_MS, signal);
      await clock.sleep(SETTLE_MS, signal);
    }
  } finally {
    silence();
    draw.end();
  }
}

interface Draw {
  readonly page: (page: Screenful) => void;
  readonly end: () => void;
}

function overIn(stdout: Stream): Draw {
  let shown = '';
  let last: readonly string[] = [];
  stdout.write(ENTER);
  return {
    page: ({ lines }) => {
      last = lines.map(clean);
      const drawn = cutTo(last, stdout.columns ?? 80, stdout.rows ?? 24);
      const text = drawn.map((line) => `${line}${REST_OF_LINE}`).join('\r\n');
      if (text === shown) return;
      shown = text;
      stdout.write(`${HOME}${text}${REST_OF_PAGE}`);
    },
    end: () => {
      stdout.write(LEAVE);
      for (const line of last) stdout.write(`${line}\n`);
    },
  };
}

function oneAfterTheOther({ stdout, clock }: ScreenOptions): Draw {
  let told: string | null = null;
  return {
    page: ({ lines, news }) => {
      if (news === told) return;
      told = news;
      stdout.write([`--- ${formatUtc(clock.now())}`, ...lines.map(clean), ''].join('\n'));
    },
    end: () => {},
  };
}

/** What does not fit is said to be missing: a terminal that scrolls would lose the top, which matters most. */
function cutTo(lines: readonly string[], columns: number, rows: number): readonly string[] {
  const most = Math.max(1, rows - 1);
  const cut = lines.length <= most ? lines : [...lines.slice(0, most - 1), `... ${lines.length - most + 1} more lines`];
  return cut.map((line) => [...line].slice(0, Math.max(1, columns - 1)).join(''));
}
