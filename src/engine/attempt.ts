// One try of one step: with its timeout, its tail of output, and an end whatever the step does.

import { asBotError, BotError } from '../core/error.ts';
import type { StepContext, StepFailure, StepOutcome } from '../core/job.ts';
import type { Clock } from '../core/ports.ts';
import { type DurationMs, formatDuration } from '../core/time.ts';

/** Why a running step was told to stop. */
export type StopReason = 'timeout' | 'cancel' | 'drain' | 'lease-lost';

export type AttemptEnd = StepOutcome | { readonly kind: 'stopped'; readonly reason: Exclude<StopReason, 'timeout'> };

const TAIL_LINES = 40;
/** How long a step may go on after it was told to stop, before it is left behind. */
const GRACE_MS = 8_000;

export interface Attempt {
  readonly name: string;
  readonly timeoutMs: DurationMs;
  readonly clock: Clock;
  /** Aborted from outside with a StopReason. */
  readonly stop: AbortSignal;
  readonly run: (live: Pick<StepContext, 'signal' | 'log'>) => Promise<StepOutcome>;
  readonly writeLog: (line: string) => void;
}

export async function runAttempt(attempt: Attempt): Promise<AttemptEnd> {
  const { clock, stop } = attempt;
  const controller = new AbortController();
  const finished = new AbortController();
  const tail: string[] = [];
  const onStop = () => controller.abort(stop.reason);
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop);

  function log(line: string): void {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    attempt.writeLog(line);
  }

  const working = attempt.run({ signal: controller.signal, log }).then(
    (outcome): AttemptEnd => outcome,
    (thrown): AttemptEnd => ({ kind: 'failed', failure: failureOf(thrown, tail) }),
  );
  const timer = clock.sleep(attempt.timeoutMs, finished.signal).then(() => {
    if (!finished.signal.aborted) controller.abort('timeout' satisfies StopReason);
  });
  const leftBehind = aborted(controller.signal)
    .then(() => clock.sleep(GRACE_MS, finished.signal))
    .then((): AttemptEnd => ({ kind: 'failed', failure: tooLong(attempt, tail) }));

  const end = await Promise.race([working, leftBehind]);
  finished.abort();
  stop.removeEventListener('abort', onStop);
  await timer;
  return judge(end, controller.signal, attempt, tail);
}

/** What a step finished stays finished, even when it was told to stop meanwhile; what it did not is told by why it stopped. */
function judge(end: AttemptEnd, signal: AbortSignal, attempt: Attempt, tail: readonly string[]): AttemptEnd {
  if (!signal.aborted || end.kind !== 'failed') return end;
  const reason: unknown = signal.reason;
  if (reason === 'timeout') return { kind: 'failed', failure: tooLong(attempt, tail) };
  if (reason === 'cancel' || reason === 'drain' || reason === 'lease-lost') return { kind: 'stopped', reason };
  return end;
}

export function failureOf(thrown: unknown, tail: readonly string[]): Omit<StepFailure, 'step'> {
  const error = asBotError(thrown);
  return { code: error.code, message: error.message, hint: error.hint, tail: error.tail.length > 0 ? error.tail : [...tail] };
}

function tooLong(attempt: Attempt, tail: readonly string[]): Omit<StepFailure, 'step'> {
  const error = new BotError({
    code: 'step-timed-out',
    message: `${attempt.name} did not end within ${formatDuration(attempt.timeoutMs)}`,
    hint: 'Look at the last lines it printed; then try again.',
  });
  return failureOf(error, tail);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
