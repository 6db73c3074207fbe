// While it runs: how far it is, and when there is more to say.

import { formatDuration } from '../../core/time.ts';
import { card, subject } from '../card.ts';
import { utc } from '../phrases.ts';
import { gatesFact, measureFact } from './facts.ts';
import type { Notice, NoticeContext } from './notice.ts';

export function progress({ view }: NoticeContext): Notice<'progress'> {
  const steps = view.steps.filter(({ direction }) => direction === (view.turnedBack ? 'back' : 'forward'));
  const done = steps.filter(({ state }) => state === 'done').length;
  const current = steps.find(({ state }) => state === 'running' || state === 'waiting') ?? steps.find(({ state }) => state === 'todo');
  const measures = view.watch?.measures ?? [];
  const etaAt = card(view).progress?.etaAt ?? null;
  const expected = current === undefined ? undefined : view.expected[current.name];
  const next = current === undefined ? 'when it has ended' : `when "${current.title}" is done`;
  return {
    name: 'progress',
    tone: view.turnedBack ? 'warn' : 'progress',
    title: `${subject(view)}: ${done} of ${steps.length} steps done`,
    facts: {
      status: [view.turnedBack ? 'going back' : view.state === 'open' ? 'running' : view.state],
      stepCount: [`${done} of ${steps.length}`],
      step: [current?.title ?? 'none left'],
      eta: [etaAt === null ? 'not known: not every step was measured here before' : `about ${utc(etaAt)}`],
      gates: [gatesFact(measures)],
      health: [measureFact(measures, 'health')],
      errorRate: [measureFact(measures, 'error-rate')],
      nextUpdate: [expected === undefined ? next : `${next}, in about ${formatDuration(expected)}`],
    },
  };
}
