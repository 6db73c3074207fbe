// Before a deploy begins: what is about to happen, who leads it, and how it would be taken back.

import { type Evidence, tally } from '../../core/check.ts';
import { formatDuration } from '../../core/time.ts';
import { evidenceLine, utc } from '../phrases.ts';
import { changesFact, expectedMs, leadLine, personLine, rollbackFact, watchFact } from './facts.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';

export function announcement(context: NoticeContext): Notice<'announcement'> {
  const { told, view, site } = context;
  const tag = view.tag ?? NOT_KNOWN;
  const takes = expectedMs(view);
  const watched = site.environments[view.environment]?.monitor.duration ?? null;
  return {
    name: 'announcement',
    tone: 'info',
    title: `${tag} is about to be deployed to ${view.environment}`,
    facts: {
      tag: [tag],
      window: [takes === null ? `from ${utc(told.at)}` : `${utc(told.at)} to about ${utc(told.at + takes)}`],
      lead: leadLine(context),
      duration: [takes === null ? 'not known: it was not measured here before' : `about ${formatDuration(takes)}`],
      changes: changesFact(view, site),
      checklist: [checklistFact(view.evidence)],
      rollbackPlan: rollbackFact(view),
      watch: [watchFact(tag, watched, null)],
      contact: personLine(context, site.people.deployLead ?? site.people.oncall),
    },
    lines: view.evidence.map(evidenceLine),
  };
}

function checklistFact(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return 'not judged';
  return tally(evidence);
}
