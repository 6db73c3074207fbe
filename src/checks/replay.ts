// Past samples under present rules: pure, so that a threshold can be tried on what really happened before it is trusted.

import type { Sample } from '../core/sample.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { Replay, ReplayedRule } from '../core/wish.ts';
import { type Judging, judgeWatch, newWatch, type WatchState } from './breach.ts';
import { certify } from './certify.ts';

export interface Played {
  readonly tag: string;
  readonly from: Instant;
  readonly before: WatchState['before'];
  readonly samples: readonly Sample[];
  /** How far apart the looks were then; null = not known, so as now. */
  readonly interval: DurationMs | null;
}

export function replay({ tag, from, before, samples, interval }: Played, judging: Judging): Replay {
  const terms = { ...judging, interval: interval ?? judging.interval };
  const met: ReplayedRule[] = [];
  const breaches: string[] = [];
  let state = newWatch(tag, before);
  for (const sample of samples) {
    const judged = judgeWatch(state, sample, terms);
    state = judged.state;
    for (const found of judged.events) {
      const when = { at: sample.at, afterMs: sample.at - from };
      if (found.kind === 'breached') breaches.push(found.gate);
      if (found.kind === 'rule-met') met.push({ ...when, rule: found.rule, value: found.value, detail: found.detail, mode: found.mode });
    }
  }
  return { checks: state.checks, met, breaches, ...certify(state) };
}
