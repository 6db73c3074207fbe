// What PagerDuty knows of a request's incidents, folded out of its events. One incident number is one incident there.

import { alertsOf } from '../core/alert.ts';
import type { EventOf, StoredEvent } from '../core/event.ts';

export type PageAction = 'trigger' | 'acknowledge' | 'resolve';

type Paged = ReadonlyMap<string, PageAction>;

/** The newest event of a story -> what changed by it: which incidents, and to what. */
export function newPages(story: readonly StoredEvent[]): readonly { readonly incident: string; readonly action: PageAction }[] {
  const before = pagedOf(story.slice(0, -1));
  return [...pagedOf(story)].flatMap(([incident, action]) => (before.get(incident) === action ? [] : [{ incident, action }]));
}

/** An incident is open until it is over, not until somebody looks after it. */
function pagedOf(story: readonly StoredEvent[]): Paged {
  let paged: Paged = new Map();
  for (const [at, told] of story.entries()) {
    switch (told.type) {
      case 'escalation.started':
        if (told.data.severity === 'critical') paged = new Map([...paged, [told.data.incident, 'trigger']]);
        break;
      case 'alert.acknowledged':
        paged = moved(paged, 'acknowledge', (_incident, action) => action === 'trigger');
        break;
      case 'escalation.ended':
        paged = climbedDown(paged, told);
        break;
      case 'monitor.ended':
        if (told.data.verdict !== 'not-certified') paged = resolved(paged);
        break;
      case 'monitor.recovered':
      case 'monitor.sighted':
      case 'monitor.rule-cleared':
      case 'service.restarted':
        if (alertsOf(story.slice(0, at + 1)).bad.length === 0) paged = resolved(paged);
        break;
    }
  }
  return paged;
}

/** A ladder that somebody stopped, or that reached its end, says nothing about what is wrong. */
function climbedDown(paged: Paged, { data }: EventOf<'escalation.ended'>): Paged {
  if (data.how === 'acknowledged' || data.how === 'exhausted') return paged;
  return moved(paged, 'resolve', (incident) => incident === data.incident);
}

function resolved(paged: Paged): Paged {
  return moved(paged, 'resolve', () => true);
}

function moved(paged: Paged, to: PageAction, which: (incident: string, action: PageAction) => boolean): Paged {
  return new Map([...paged].map(([incident, action]) => [incident, action !== 'resolve' && which(incident, action) ? to : action]));
}
