// Runs ffmpeg, and alone knows fluent-ffmpeg: bounded in time, priority and memory, stopped for good when its caller stops caring.

import { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FfmpegCommand } from 'fluent-ffmpeg';
import { BotError } from '../../core/error.ts';
import type { Tool } from '../../core/media.ts';
import type { DurationMs } from '../../core/time.ts';

export interface FfmpegInput {
  readonly file: string;
  /** Options of this input, one word each: ['-ss', '2.5']. */
  readonly options?: readonly string[];
}

export interface FfmpegRun {
  readonly inputs: readonly FfmpegInput[];
  /** One word each. */
  readonly outputOptions: readonly string[];
  /** A muxer's name; 'null' measures and writes nothing. */
  readonly format: string;
  /** Gets what ffmpeg writes and is ended with it; null for format 'null'. Made with `emitClose: false`, see below. */
  readonly pipeTo: Writable | null;
  readonly timeoutMs: DurationMs;
  readonly signal: AbortSignal;
  readonly onStderrLine?: (line: string) => void;
}

const KEPT_LINES = 100;
const TOLD_LINES = 12;
// A deploy may be running beside it.
const NICENESS = '10';
const GONE_AFTER_KILL_MS = 2_000;

/** Throws BotError `media-unreadable`, `media-timed-out` or `media-canceled`; when it settles, ffmpeg has ended. */
export async function runFfmpeg(tool: Tool, run: FfmpegRun): Promise<void> {
  const what = run.inputs.map(({ file }) => file).join(' and ');
  if (run.signal.aborted) throw canceled(what);
  const { default: fluent } = await import('fluent-ffmpeg');
  const command = prepared(fluent({ stdoutLines: KEPT_LINES }), tool, run);
  if (run.onStderrLine !== undefined) command.on('stderr', run.onStderrLine);

  let stopped: BotError | null = null;
  let child: ChildProcess | null = null;
  const stop = (why: BotError): void => {
    stopped ??= why;
    child?.kill('SIGKILL');
  };
  const abort = (): void => stop(canceled(what));
  const timer = setTimeout(() => stop(timedOut(what, run.timeoutMs)), run.timeoutMs);
  run.signal.addEventListener('abort', abort, { once: true });
  const sunk = run.pipeTo === null ? null : finished(run.pipeTo, { readable: false });
  sunk?.catch(() => {});
  try {
    await new Promise<void>((done, fail) => {
      command.on('end', () => done());
      command.on('error', (cause, _stdout, stderr) => fail(unreadable(what, cause, stderr)));
      command.on('start', () => {
        child = childOf(command);
        // fluent-ffmpeg's own listener fails in itself when the process could not be started.
        child?.removeAllListeners('error').on('error', (cause) => fail(unreadable(what, cause, null)));
        if (run.signal.aborted) abort();
      });
      command.run();
    });
    await sunk;
  } catch (failure) {
    run.pipeTo?.destroy();
    await endedFor(child);
    throw stopped ?? failure;
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', abort);
  }
  if (stopped !== null) throw stopped;
}

/**
 * The words go through `env` and `nice`: ffmpeg must not see the bot's secrets, and fluent-ffmpeg hands down the whole environment. Both replace
 * themselves, so the process that is killed is ffmpeg. Names begin with `file:`, so none is taken for an option, an address or a list.
 */
function prepared(command: FfmpegCommand, tool: Tool, run: FfmpegRun): FfmpegCommand {
  const head = ['-i', 'LC_ALL=C', 'nice', '-n', NICENESS, tool.path, '-hide_banner', '-nostdin', '-nostats'];
  for (const [index, { file, options = [] }] of run.inputs.entries()) {
    const words = ['-protocol_whitelist', 'file,pipe', ...options];
    command.input(`file:${resolve(file)}`).inputOptions(...(index === 0 ? [...head, ...words] : words));
  }
  command.outputOptions(...run.outputOptions, '-f', run.format);
  // A stream that emits `close` makes fluent-ffmpeg call a run failed whose process ends a moment later.
  if (run.pipeTo === null) command.output('-');
  else command.output(run.pipeTo, { end: true });
  // What it would ask ffmpeg for first (formats, encoders) costs two processes and is not needed.
  return Object.assign(command, {
    _checkCapabilities: (next: (error: null) => void) => next(null),
    availableEncoders: (next: (error: null, encoders: Record<string, never>) => void) => next(null, {}),
    _getFfmpegPath: (next: (error: null, path: string) => void) => next(null, '/usr/bin/env'),
  });
}

function childOf(command: FfmpegCommand): ChildProcess | null {
  const child: unknown = Reflect.get(command, 'ffmpegProc');
  return child instanceof ChildProcess ? child : null;
}

async function endedFor(child: ChildProcess | null): Promise<void> {
  if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    new Promise((gone) => child.once('exit', gone)),
    new Promise((late) => {
      timer = setTimeout(late, GONE_AFTER_KILL_MS);
    }),
  ]);
  clearTimeout(timer);
}

function unreadable(what: string, cause: unknown, stderr: string | null): BotError {
  const tail = (stderr ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-TOLD_LINES);
  const why = tail.at(-1) ?? (cause instanceof Error ? cause.message : String(cause));
  return new BotError({
    code: 'media-unreadable',
    message: `ffmpeg cannot read ${what}: ${why}`,
    hint: `Look at it: ffprobe ${what}`,
    cause,
    tail,
  });
}

export function canceled(what: string): BotError {
  return new BotError({ code: 'media-canceled', message: `Measuring ${what} was canceled.`, hint: null });
}

export function timedOut(what: string, afterMs: DurationMs): BotError {
  return new BotError({
    code: 'media-timed-out',
    message: `Measuring ${what} took longer than ${afterMs / 1_000} s.`,
    hint: 'Look at the load of the host and at the file, then try again.',
  });
}
