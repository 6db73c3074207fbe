// How a command that did not work is told.

import { BotError } from '../../core/error.ts';
import type { CommandRun } from '../../core/ports.ts';
import { type DurationMs, formatDuration } from '../../core/time.ts';
import type { Redact } from '../redact.ts';
import { causeHint } from './causes.ts';

export type Stopped =
  | { readonly kind: 'ended' }
  /** `survived`: SIGKILL did not end it (another user's process, or one that hangs in the kernel). */
  | { readonly kind: 'timed-out' | 'canceled'; readonly survived: boolean };

interface CommandEnding {
  readonly run: CommandRun;
  readonly stopped: Stopped;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: DurationMs;
  readonly lastLines: readonly string[];
  readonly redact: Redact;
}

export function commandError(ending: CommandEnding): BotError {
  const { run, stopped, lastLines: tail, redact } = ending;
  const words = shown(run, redact);
  if (stopped.kind === 'canceled') return canceledError(run, redact, stopped.survived, tail);
  if (stopped.kind === 'timed-out') {
    return new BotError({
      code: 'command-timed-out',
      message: `${words} did not end within ${formatDuration(run.timeoutMs)} and was ${stopped.survived ? 'told to stop, but still runs' : 'ended'}`,
      hint: hintOf(ending) ?? `See where it hung in its last lines, or try it by hand in ${run.cwd}.`,
      tail,
    });
  }
  const how = ending.signal === null ? `ended with exit code ${ending.exitCode}` : `was ended by ${ending.signal}`;
  return new BotError({
    code: 'command-failed',
    message: `${words} ${how} after ${formatDuration(ending.durationMs)}`,
    hint: hintOf(ending) ?? `Read its last lines, or try it by hand in ${run.cwd}.`,
    tail,
  });
}

export function canceledError(run: CommandRun, redact: Redact, survived = false, tail: readonly string[] = []): BotError {
  return new BotError({
    code: 'command-canceled',
    message: `${shown(run, redact)} was canceled${survived ? ', but still runs' : ''}`,
    hint: null,
    tail,
  });
}

/** `error` is what kept it from starting. */
export function notStartedError(
  run: CommandRun,
  error: { readonly code?: string | undefined; readonly cause?: unknown },
  hasFolder: boolean,
  redact: Redact,
): BotError {
  const errno = error.code ?? null;
  const program = redact(run.argv[0]);
  if (errno === 'ENOENT' && !hasFolder) {
    return new BotError({
      code: 'command-not-found',
      message: `${shown(run, redact)} cannot start: its folder ${run.cwd} is not there`,
      hint: `Look at it: ls -ld ${run.cwd}`,
      cause: error.cause,
    });
  }
  const isThere = errno !== 'ENOENT';
  return new BotError({
    code: isThere ? 'command-failed' : 'command-not-found',
    message: isThere ? `${shown(run, redact)} cannot start: ${errno ?? 'unknown error'}` : `The program ${program} was not found`,
    hint: causeHint({ exitCode: null, signal: null, tail: [], errno, program }),
    cause: error.cause,
  });
}

function hintOf({ run, exitCode, signal, lastLines, redact, stopped }: CommandEnding): string | null {
  // The signal of a timeout is our own and tells nothing.
  const own = stopped.kind !== 'ended';
  return causeHint({
    exitCode: own ? null : exitCode,
    signal: own ? null : signal,
    tail: lastLines,
    errno: null,
    program: redact(run.argv[0]),
  });
}

const LONGEST_SHOWN = 200;

function shown(run: CommandRun, redact: Redact): string {
  const words = redact(run.argv.join(' '));
  return `\`${words.length > LONGEST_SHOWN ? `${words.slice(0, LONGEST_SHOWN - 3)}...` : words}\``;
}
