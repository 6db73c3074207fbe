// Measures downtime: asks one address again and again and counts what did not come back well.

import type { Clock, Http, HttpAnswer, Probe, ProbePhase } from '../../core/ports.ts';
import type { DurationMs } from '../../core/time.ts';

export interface Prober {
  /** No effect when one runs under this key. */
  readonly start: (key: string, url: string) => void;
  readonly mark: (key: string, phase: ProbePhase) => void;
  readonly read: (key: string) => Probe | null;
  /** Waits for the requests under way, so that they are counted too. */
  readonly stop: (key: string) => Promise<Probe | null>;
}

const EVERY_MS = 50;
const TIMEOUT_MS = 5_000;
const MOST_AT_A_TIME = 4;

interface Count {
  total: number;
  failed: number;
  readonly phases: Record<ProbePhase, { total: number; failed: number }>;
  /** What failed first, and how many had been asked by then. */
  first: { readonly what: string; readonly after: number } | null;
}

interface Run {
  phase: ProbePhase;
  readonly count: Count;
  readonly end: () => Promise<void>;
}

/** A connection error, a status of 500 or more, and an answer later than `timeoutMs` are failures. */
export function createProber(options: {
  readonly clock: Clock;
  readonly http: Http;
  readonly everyMs?: DurationMs;
  readonly timeoutMs?: DurationMs;
}): Prober {
  const { clock, http, everyMs = EVERY_MS, timeoutMs = TIMEOUT_MS } = options;
  const runs = new Map<string, Run>();

  const begin = (url: string): Run => {
    const none = () => ({ total: 0, failed: 0 });
    const count: Count = { ...none(), phases: { before: none(), during: none(), after: none() }, first: null };
    const stopped = new AbortController();
    const open = new Set<Promise<void>>();
    const ask = async (phase: ProbePhase): Promise<void> => note(count, phase, await http.get(url, { timeoutMs }));
    const loop = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        if (open.size < MOST_AT_A_TIME) {
          const asked = ask(run.phase).finally(() => open.delete(asked));
          open.add(asked);
        }
        await clock.sleep(everyMs, stopped.signal);
      }
      await Promise.all(open);
    };
    const run: Run = {
      phase: 'before',
      count,
      end: async () => {
        stopped.abort();
        await looping;
      },
    };
    const looping = loop();
    return run;
  };

  return {
    start: (key, url) => {
      if (!runs.has(key)) runs.set(key, begin(url));
    },
    mark: (key, phase) => {
      const run = runs.get(key);
      if (run !== undefined) run.phase = phase;
    },
    read: (key) => {
      const run = runs.get(key);
      return run === undefined ? null : sum(run.count);
    },
    stop: async (key) => {
      const run = runs.get(key);
      if (run === undefined) return null;
      runs.delete(key);
      await run.end();
      return sum(run.count);
    },
  };
}

function note(count: Count, phase: ProbePhase, answer: HttpAnswer): void {
  const what = failureOf(answer);
  count.phases[phase].total += 1;
  if (what !== null) {
    count.failed += 1;
    count.phases[phase].failed += 1;
    count.first ??= { what, after: count.total };
  }
  count.total += 1;
}

function failureOf(answer: HttpAnswer): string | null {
  if (answer.kind === 'failed') return answer.code;
  return answer.status >= 500 ? `status ${answer.status}` : null;
}

function sum({ total, failed, phases, first }: Count): Probe {
  return {
    total,
    failed,
    phases: structuredClone(phases),
    firstFailure: first === null ? null : `${first.what} after ${first.after} of ${total}`,
  };
}
