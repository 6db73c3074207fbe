// Half of the watch is over: how it goes, against what was promised.

import type { Measure } from '../../core/event.ts';
import { measureLine, tPlus } from '../phrases.ts';
import { gatesFact, impactFact, measureFact, numberIn, updatesOf } from './facts.ts';
import type { Notice, NoticeContext } from './notice.ts';

export function halfway({ told, story }: NoticeContext<'monitor.updated'>): Notice<'halfway'> {
  const { measures, verdict, offsetMs } = told.data;
  const before = updatesOf(story).findLast(({ seq }) => seq < told.seq);
  return {
    name: 'halfway',
    tone: verdict === 'healthy' ? 'good' : 'warn',
    title: `${tPlus(offsetMs)}: ${verdict}`,
    facts: {
      responseTime: [measureFact(measures, 'response-time')],
      errorRate: [measureFact(measures, 'error-rate')],
      gates: [gatesFact(measures)],
      cpu: [measureFact(measures, 'cpu')],
      memory: [measureFact(measures, 'memory')],
      trend: [
        before === undefined ? 'no earlier summary to compare with' : trend(before.data.measures, measures, tPlus(before.data.offsetMs)),
      ],
      impact: [impactFact(measures)],
    },
    lines: measures.filter(({ gate }) => gate === 'health' || gate === 'version').map(measureLine),
  };
}

function trend(before: readonly Measure[], now: readonly Measure[], since: string): string {
  const moves = now.flatMap(({ gate, label, value }) => {
    const was = before.find((measure) => measure.gate === gate);
    const from = was === undefined ? null : numberIn(was.value);
    const to = numberIn(value);
    if (was === undefined || from === null || to === null) return [];
    return [`${label} ${from === to ? `stays ${value}` : `${was.value} -> ${value}`}`];
  });
  return moves.length === 0 ? `nothing was measured both times since ${since}` : `since ${since}: ${moves.join(', ')}`;
}
