// What a running step prints, and how the service stands meanwhile, shown while it runs: one row beside the log, every few seconds at most, and gone when the step is over.

import { foldLines, partLine, partMark } from '../core/output.ts';
import type { DurationMs } from '../core/time.ts';
import type { Ride } from './ride.ts';

export interface LiveOutput {
  readonly line: (text: string) => void;
  /** Takes the row away, also one that a worker left behind that died. Never rejects. */
  readonly end: () => Promise<void>;
}

const SHOW_EVERY_MS: DurationMs = 5_000;
/** Kept before folding: the same line may come many times. */
const KEPT_LINES = 200;

export function liveOutput(ride: Ride): LiveOutput {
  const { store, ports, look } = ride.worker;
  const { clock, log, files } = ports;
  const { id: jobId, name, requestId, step, direction, attempt } = ride.job();
  const over = new AbortController();
  const kept: string[] = [];
  let printed = 0;
  // Under a deploy and a rollback the service changes, whether or not anything is printed.
  let showing = look !== undefined && (name === 'deploy' || name === 'rollback') ? show() : null;

  return {
    line: (text) => {
      printed += 1;
      if (printed === 1) {
        files.appendLog(`job-${jobId}`, partMark({ step, direction, attempt }, clock.now()));
        showing ??= show();
      }
      files.appendLog(`job-${jobId}`, partLine(text));
      kept.push(text);
      if (kept.length > KEPT_LINES) kept.shift();
    },
    end: async () => {
      over.abort();
      await showing;
      await put(null);
    },
  };

  // A step that is over sooner is not shown.
  async function show(): Promise<void> {
    let before = '';
    // The step's end never waits for a service that does not answer.
    const ended = new Promise<readonly string[]>((resolve) => over.signal.addEventListener('abort', () => resolve([]), { once: true }));
    while (!over.signal.aborted) {
      await clock.sleep(SHOW_EVERY_MS, over.signal);
      if (over.signal.aborted) return;
      const service = look === undefined ? [] : await Promise.race([look(ride.environment), ended]);
      const lines = foldLines(kept);
      const now = JSON.stringify([lines, service, printed]);
      if (over.signal.aborted || step === null || now === before) continue;
      before = now;
      await put({ jobId, requestId, step, direction, attempt, at: clock.now(), printed, lines, service });
    }
  }

  async function put(row: Parameters<typeof store.showProgress>[1]): Promise<void> {
    try {
      await store.showProgress(jobId, row);
    } catch (thrown) {
      log.warn({ code: 'progress-not-shown', jobId, err: thrown }, 'What a step prints could not be shown; the step goes on.');
    }
  }
}
