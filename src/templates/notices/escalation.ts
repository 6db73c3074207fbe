// Somebody must act now. Carries what a person needs who was asleep a minute ago.

import type { Line } from '../message.ts';
import { personLine } from './facts.ts';
import { type IncidentEvent, incidentTrouble } from './incident.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';

export function escalation(context: NoticeContext<IncidentEvent['type']>): Notice<'escalation'> {
  const { told, story, view, site } = context;
  const trouble = incidentTrouble(told, story, view);
  const { meeting } = site.notify;
  return {
    name: 'escalation',
    tone: 'bad',
    title: `Act now: ${trouble.title}`,
    facts: {
      what: [trouble.what],
      impact: [trouble.impact],
      who: who(context),
      status: [trouble.status],
      rollbackReady: [trouble.rollback],
      eta: [trouble.eta],
      meeting: meeting === null ? [`${NOT_KNOWN}: none is named in dhash.yml`] : [{ link: meeting, label: meeting }],
      incident: [told.data.incident],
    },
    tail: trouble.tail,
  };
}

function who(context: Pick<NoticeContext, 'site' | 'form'>): Line {
  const { oncall, deployLead, mediaEng } = context.site.people;
  const roles: readonly (readonly [string, string | null])[] = [
    ['on-call', oncall],
    ['deploy lead', deployLead],
    ['media-eng', mediaEng],
  ];
  const named = roles.filter(([, id]) => id !== null);
  if (named.length === 0) return ['nobody is named in dhash.yml'];
  return named.flatMap(([role, id], at): Line => [`${at === 0 ? '' : ', '}${role}: `, ...personLine(context, id)]);
}
