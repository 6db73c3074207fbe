// Something failed or breached: what, how bad, and what happens next.

import { leadLine } from './facts.ts';
import type { Notice, NoticeContext } from './notice.ts';
import type { Trouble } from './trouble.ts';

export function issue(context: NoticeContext, trouble: Trouble): Notice<'issue'> {
  const { title, what, severity, status, impact, actions, nextSteps, eta, tail } = trouble;
  return {
    name: 'issue',
    tone: severity === 'low' || severity === 'medium' ? 'warn' : 'bad',
    title,
    facts: {
      what: [what],
      severity: [severity],
      lead: leadLine(context),
      status: [status],
      impact: [impact],
      actions: [actions],
      nextSteps: [nextSteps],
      eta: [eta],
    },
    tail,
  };
}
