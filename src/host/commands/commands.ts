// Runs programs: argument arrays, no shell, a process group each, bounded in time and memory.

import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { BotError } from '../../core/error.ts';
import type { CommandRun, Commands } from '../../core/ports.ts';
import type { DurationMs } from '../../core/time.ts';
import { groupMembers, killGroup, signalGroup } from '../processes.ts';
import type { Redact } from '../redact.ts';
import { canceledError, commandError, notStartedError, type Stopped } from './commands-errors.ts';
import { createRunRecords, type RunRecords } from './commands-records.ts';
import { startWaiting, whyNotExecuted } from './gate.ts';
import { createOutputLines } from './output-lines.ts';

export interface HostCommands extends Commands {
  /** Ends what any dead worker of this host left running: once, when a worker starts. Answers how many process groups. */
  readonly fenceDead: () => Promise<number>;
}

interface Options {
  /** Absolute; holds one small file for each command that runs. */
  readonly runDir: string;
  /** The bot's environment; only the names below are passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redact: Redact;
  /** From SIGTERM to SIGKILL. */
  readonly killAfterMs?: DurationMs;
}

export const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'TMPDIR'] as const;

const KEPT_LINES = 40;
const KILL_AFTER_MS = 5_000;
// A process that left the group may hold the pipes for ever; what it prints is not waited for longer than this.
const OUTPUT_GRACE_MS = 1_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Blank lines are left out of the output. What a command leaves running in its process group when it ends is ended too.
 * Running a key whose last worker died fences it first; two runs of one key at a time throw `command-key-busy`.
 */
export function createCommands(options: Options): HostCommands {
  const { redact, killAfterMs = KILL_AFTER_MS } = options;
  const records = createRunRecords(options.runDir, killAfterMs);
  const base = Object.fromEntries(PASSED_ON.flatMap((name) => (options.env[name] === undefined ? [] : [[name, options.env[name]]])));
  const running = new Set<string>();

  return {
    run: async (run) => {
      if (run.signal.aborted) throw canceledError(run, redact);
      if (run.argv.some((word) => word.includes('\0'))) {
        throw new BotError({
          code: 'command-failed',
          message: 'A command with a NUL character cannot be run',
          hint: 'Look at it in dhash.yml.',
        });
      }
      if (running.has(run.key)) {
        throw new BotError({
          code: 'command-key-busy',
          message: `A command runs under "${run.key}" already`,
          hint: 'Wait for it, or cancel its job.',
        });
      }
      running.add(run.key);
      try {
        return await runOnce(run, { base, redact, killAfterMs, records });
      } finally {
        running.delete(run.key);
      }
    },
    fence: (key) => records.fence(key),
    fenceDead: records.fenceDead,
  };
}

interface World {
  readonly base: Readonly<Record<string, string | undefined>>;
  readonly redact: Redact;
  readonly killAfterMs: DurationMs;
  readonly records: RunRecords;
}

async function runOnce(run: CommandRun, world: World): Promise<{ durationMs: DurationMs; lastLines: readonly string[] }> {
  const startedAt = performance.now();
  const tail = keepTail(run.onLine);
  const token = world.records.newToken();
  // Loaded by the first command: it is a quarter of the start of a shell that runs none.
  const { execa } = await import('execa');
  const env = { ...world.base, ...run.env, [token.variable]: token.value };
  const { child, letBegin } = startWaiting(execa, run, env);
  const outputs = [child.stdout, child.stderr].map((stream) => readLines(stream, world.redact, tail.onLine));
  const { pid, nodeChildProcess: node } = child;
  if (pid === undefined) throw notStartedError(run, await child, await isFolder(run.cwd), world.redact);

  // A command that could not be ended keeps its file, so that a later fence finds it.
  let leavesFile = true;
  let isOver = false;
  try {
    const exited = new Promise<void>((resolve) => node.once('exit', () => resolve()));
    world.records.add(run.key, pid, token);
    leavesFile = false;
    // In this order, since whoever takes the work over ends what is noted after it has it: either it finds us, or we hear of it here.
    await run.mayBegin?.();
    await world.records.fence(run.key, token);
    if (!run.signal.aborted) letBegin();
    const signal = AbortSignal.any([run.signal, tail.broken]);
    const stopped = await untilStopped({ ...run, signal }, pid, exited, world.killAfterMs);
    isOver = true;
    leavesFile = stopped.kind !== 'ended' && stopped.survived;
    if (stopped.kind === 'ended') await endLeftovers(pid, world.killAfterMs, tail.onLine);
    await within(OUTPUT_GRACE_MS, Promise.all(outputs.map((output) => output.done)));

    tail.broken.throwIfAborted();
    const durationMs = Math.round(performance.now() - startedAt);
    if (stopped.kind === 'ended' && node.exitCode === 0) return { durationMs, lastLines: tail.lines };
    const errno = stopped.kind === 'ended' ? await whyNotExecuted(node.exitCode, run, env['PATH']) : null;
    if (errno !== null) throw notStartedError(run, { code: errno }, true, world.redact);
    throw commandError({
      run,
      stopped,
      exitCode: node.exitCode,
      signal: node.signalCode,
      durationMs,
      lastLines: tail.lines,
      redact: world.redact,
    });
  } catch (error) {
    if (!isOver) await killGroup(pid, world.killAfterMs);
    throw error;
  } finally {
    for (const output of outputs) output.stop();
    if (!leavesFile) world.records.remove(run.key, token);
  }
}

/** The last lines, however many come. `broken` aborts when the reader of the lines throws: in a stream's event that would end the bot. */
function keepTail(read: (line: string) => void) {
  const lines: string[] = [];
  const broken = new AbortController();
  const onLine = (line: string): void => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    try {
      read(line);
    } catch (error) {
      broken.abort(error);
    }
  };
  return { lines, onLine, broken: broken.signal };
}

/** Waits for the end, a timeout or a cancel; the latter two end the whole group first. */
async function untilStopped(run: CommandRun, pid: number, exited: Promise<void>, killAfterMs: DurationMs): Promise<Stopped> {
  const limit = Math.min(run.timeoutMs, LONGEST_TIMER_MS);
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => {};
  const first = await Promise.race([
    exited.then(() => 'ended' as const),
    new Promise<'timed-out'>((resolve) => {
      timer = setTimeout(() => resolve('timed-out'), limit);
    }),
    new Promise<'canceled'>((resolve) => {
      abort = () => resolve('canceled');
      run.signal.addEventListener('abort', abort, { once: true });
      if (run.signal.aborted) abort();
    }),
  ]);
  clearTimeout(timer);
  run.signal.removeEventListener('abort', abort);
  if (first === 'ended') return { kind: 'ended' };

  const killed = await killGroup(pid, killAfterMs);
  if (killed !== 'survived') await within(OUTPUT_GRACE_MS, exited);
  return { kind: first, survived: killed === 'survived' };
}

async function endLeftovers(pgid: number, killAfterMs: DurationMs, onLine: (line: string) => void): Promise<void> {
  if (signalGroup(pgid, 0) === 'nobody') return;
  const left = groupMembers(pgid).length;
  if (left === 0) return;
  await killGroup(pgid, killAfterMs);
  onLine(`[dhash] ended ${left} ${left === 1 ? 'process' : 'processes'} that it left running`);
}

function readLines(stream: Readable, redact: Redact, onLine: (line: string) => void) {
  let isOpen = true;
  const lines = createOutputLines(redact, onLine);
  const done = new Promise<void>((resolve) => {
    const finish = (): void => {
      if (isOpen) lines.end();
      isOpen = false;
      resolve();
    };
    stream.on('data', (chunk: Buffer) => {
      if (isOpen) lines.push(chunk);
    });
    stream.once('end', finish);
    stream.once('close', finish);
    stream.once('error', finish);
  });
  return {
    done,
    stop: () => {
      isOpen = false;
      stream.destroy();
    },
  };
}

async function within(ms: DurationMs, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
