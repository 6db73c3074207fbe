// The steps of a request's work, folded out of its events.

import type { EventMap, StoredEvent } from '../core/event.ts';
import type { StepLine } from './message.ts';

export interface ViewStep extends StepLine {
  readonly name: string;
  readonly direction: 'forward' | 'back';
}

type Undone = { readonly steps: readonly ViewStep[]; readonly turnedBack: boolean };

/** From these steps on users may get something else than before. */
const TOUCHING = ['stop-live', 'switch'];

/** Users had another version, or none, for a while. What was undone before that has touched nothing that is live. */
export function wentBack({ steps, turnedBack }: Undone): boolean {
  return turnedBack && steps.some(({ name, direction, state }) => direction === 'forward' && TOUCHING.includes(name) && state !== 'todo');
}

/** A step of the way back failed, too. */
export function isStuck({ steps }: Pick<Undone, 'steps'>): boolean {
  return steps.some(({ direction, state }) => direction === 'back' && state === 'failed');
}

export function foldSteps(steps: readonly ViewStep[], told: StoredEvent): readonly ViewStep[] {
  switch (told.type) {
    case 'job.started':
      return told.data.steps.map(({ name, title }) => ({ name, title, direction: 'forward', state: 'todo', note: null }));
    case 'job.waiting':
      return mark(steps, told.data.step, 'forward', { state: 'waiting', note: told.data.why });
    case 'step.started':
      return mark(add(steps, told.data), told.data.step, told.data.direction, { state: 'running', note: null });
    case 'step.finished':
      return mark(steps, told.data.step, told.data.direction, { state: 'done', note: told.data.note });
    case 'step.failed': {
      const { failure, retrying, direction } = told.data;
      return mark(
        steps,
        failure.step,
        direction,
        retrying ? { state: 'running', note: `trying again: ${failure.message}` } : { state: 'failed', note: null },
      );
    }
    case 'step.rewound':
      return rewound(steps, told.data.to);
    default:
      return steps;
  }
}

/** Steps of the way back are not in the plan: they join it when they start. */
function add(steps: readonly ViewStep[], started: EventMap['step.started']): readonly ViewStep[] {
  if (steps.some(({ name, direction }) => name === started.step && direction === started.direction)) return steps;
  return [...steps, { name: started.step, title: started.title, direction: started.direction, state: 'todo', note: null }];
}

function mark(
  steps: readonly ViewStep[],
  name: string,
  direction: 'forward' | 'back',
  patch: Pick<StepLine, 'state' | 'note'>,
): readonly ViewStep[] {
  return steps.map((step) => (step.name === name && step.direction === direction ? { ...step, ...patch } : step));
}

function rewound(steps: readonly ViewStep[], to: string): readonly ViewStep[] {
  const from = steps.findIndex(({ name }) => name === to);
  return steps.map((step, at) => (at >= from ? { ...step, state: 'todo', note: null } : step));
}
