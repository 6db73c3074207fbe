// What reports tell beside the card: who did what, how long each step took, and the clock of going back.

import type { StoredEvent } from '../core/event.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import { type RequestView, takesBack } from './view.ts';
import type { ViewStep } from './view-steps.ts';

const DEEDS: Readonly<Record<string, string>> = {
  'request.made': 'asked for it',
  'approval.given': 'approved',
  'request.rejected': 'rejected it',
  'cancel.asked': 'asked to stop it',
  'lock.seized': 'took the environment over',
  'alert.acknowledged': 'acknowledged the alert',
  'alert.snoozed': 'snoozed the alert',
  'problem.reported': 'reported a problem',
};

export interface Deed {
  readonly who: string;
  readonly did: string;
  readonly at: Instant;
}

export function peopleOf(story: readonly StoredEvent[]): readonly Deed[] {
  return story.flatMap((told) => {
    const deed = DEEDS[told.type];
    if (deed === undefined || told.actor === null) return [];
    const ops = told.type === 'approval.given' && told.data.ops ? ' (Ops/SRE)' : '';
    const why = 'reason' in told.data && told.data.reason !== '' ? `: ${told.data.reason}` : '';
    return [{ who: `${told.actor.name}${ops}`, did: `${deed}${why}`, at: told.at }];
  });
}

export interface StepTime {
  readonly step: ViewStep;
  readonly tookMs: DurationMs | null;
}

export function stepTimes(view: RequestView, story: readonly StoredEvent[]): readonly StepTime[] {
  return view.steps.map((step) => {
    const finished = story.findLast(
      (told) => told.type === 'step.finished' && told.data.step === step.name && told.data.direction === step.direction,
    );
    return { step, tookMs: finished?.type === 'step.finished' ? finished.data.durationMs : null };
  });
}

export interface RollbackClock {
  readonly what: string;
  readonly tookMs: DurationMs;
  readonly promisedMs: DurationMs | null;
}

const PROMISED_MS = 600_000;
const PROMISED_IN_EMERGENCY_MS = 300_000;

/** null = nothing went back, or it has not ended. */
export function clockOf(view: RequestView, story: readonly StoredEvent[]): RollbackClock | null {
  const { jobEnded } = view;
  if (jobEnded === null) return null;
  if (view.kind === 'rollback') {
    const emergency = view.options['emergency'] === true;
    return {
      what: emergency ? 'The emergency rollback' : 'The rollback',
      tookMs: jobEnded.durationMs,
      promisedMs: emergency ? PROMISED_IN_EMERGENCY_MS : PROMISED_MS,
    };
  }
  const turned = story.find((told) => takesBack(view, told));
  return turned === undefined ? null : { what: 'Going back by itself', tookMs: jobEnded.at - turned.at, promisedMs: PROMISED_MS };
}
