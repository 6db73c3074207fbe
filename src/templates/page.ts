// What PagerDuty is told (Events API v2): an incident there for each incident here, triggered, acknowledged by a person, resolved when it is over.

import type { StoredEvent } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import { formatUtc } from '../core/time.ts';
import { incidentTrouble, isIncident } from './notices/incident.ts';
import type { Site } from './notices/notice.ts';
import type { Severity } from './notices/trouble.ts';
import { newPages, type PageAction } from './paging.ts';
import { clean } from './text.ts';
import type { RequestView } from './view.ts';

/** Without the routing key, which only the sender knows. */
export interface Page {
  readonly event_action: PageAction;
  /** One for the whole incident: PagerDuty folds everything under it into one. */
  readonly dedup_key: string;
  readonly payload?: { readonly [key: string]: Json };
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  readonly client?: string;
}

const LONGEST_SUMMARY = 1_000;
const SEVERITIES: Readonly<Record<Severity, string>> = { low: 'info', medium: 'warning', high: 'error', critical: 'critical' };

export function pagesOf(told: StoredEvent, story: readonly StoredEvent[], view: RequestView, site: Site): readonly Page[] {
  return newPages(story).map(({ incident, action }) => {
    const dedup_key = `${site.service}/${view.environment}/${incident}`;
    return action === 'trigger' ? trigger(dedup_key, told, story, view, site) : { event_action: action, dedup_key };
  });
}

function trigger(dedup_key: string, told: StoredEvent, story: readonly StoredEvent[], view: RequestView, site: Site): Page {
  if (!isIncident(told)) return { event_action: 'trigger', dedup_key };
  const trouble = incidentTrouble(told, story, view);
  const { meeting } = site.notify;
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'dhash-ops',
    payload: {
      summary: [...clean(`${site.service}: ${trouble.title}`)].slice(0, LONGEST_SUMMARY).join(''),
      source: `${site.service} ${view.environment}`,
      severity: SEVERITIES[trouble.severity],
      timestamp: formatUtc(told.at),
      component: site.service,
      group: view.environment,
      class: told.data.kind,
      custom_details: {
        what: clean(trouble.what),
        impact: clean(trouble.impact),
        status: clean(trouble.status),
        rollback_available: clean(trouble.rollback),
        next_steps: clean(trouble.nextSteps),
        eta: clean(trouble.eta),
        incident: told.data.incident,
        request: view.id,
        meeting: meeting ?? 'none is named in dhash.yml',
      },
    },
    ...(meeting === null ? {} : { links: [{ href: meeting, text: 'Meeting' }] }),
  };
}
