// What a watch found, as events.

import { verdictOf, type WatchEvent } from '../../checks/breach.ts';
import type { NewEvent, RollbackOffer } from '../../core/event.ts';
import type { StepContext } from '../../core/job.ts';
import type { Instant } from '../../core/time.ts';
import { tell, watchWindow } from '../outputs.ts';
import type { Saved } from './watch-saved.ts';

export function tellWatch({ job }: StepContext, found: WatchEvent, rollback: RollbackOffer | null): NewEvent {
  switch (found.kind) {
    case 'breached': {
      const { gate, value, threshold, failures } = found;
      return tell(job, 'monitor.breached', { gate, value, threshold, failures, rollback });
    }
    case 'recovered':
      return tell(job, 'monitor.recovered', { gate: found.gate, value: found.value, passes: found.passes });
    case 'blind':
      return tell(job, 'monitor.blind', { source: found.source, checks: found.checks, detail: found.detail });
    case 'sighted':
      return tell(job, 'monitor.sighted', { source: found.source, checks: found.checks });
    case 'rule-met': {
      const { rule, value, threshold, detail, mode } = found;
      return tell(job, 'monitor.rule-met', { rule, value, threshold, detail, mode, rollback });
    }
    case 'rule-cleared':
      return tell(job, 'monitor.rule-cleared', { rule: found.rule, value: found.value });
  }
}

/** Summaries whose time has come; after a long sleep only the newest of them is worth telling. */
export function dueUpdates({ environment, job }: StepContext, told: readonly number[], now: Instant): readonly number[] {
  const { from } = watchWindow.need(job);
  return environment.monitor.updates.filter((offset) => from + offset <= now && !told.includes(offset));
}

export function updates({ job }: StepContext, saved: Saved, due: readonly number[], now: Instant): readonly NewEvent[] {
  const { until } = watchWindow.need(job);
  const offsetMs = due.at(-1);
  // The end has a message of its own.
  if (offsetMs === undefined || now >= until) return [];
  return [tell(job, 'monitor.updated', { offsetMs, remainingMs: until - now, measures: saved.measures, verdict: verdictOf(saved.state) })];
}
