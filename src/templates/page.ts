// What PagerDuty is told (Events API v2): one incident per request, triggered by trouble, acknowledged by a person, resolved when it is over.

import type { StoredEvent } from '../core/event.ts';
import type { Json } from '../core/json.ts';
import { formatUtc } from '../core/time.ts';
import { incidentOf } from './notices/facts.ts';
import type { Site } from './notices/notice.ts';
import { isUrgent, type Severity, type Trouble, troubleOf } from './notices/trouble.ts';
import { clean } from './text.ts';
import { type RequestView, viewOf } from './view.ts';

export type PageAction = 'trigger' | 'acknowledge' | 'resolve';

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

/** null = nothing to say to it. */
export function pageOf(told: StoredEvent, story: readonly StoredEvent[], view: RequestView, site: Site): Page | null {
  const action = pageAction(told, story, view);
  if (action === null) return null;
  const dedup_key = `${site.service}/${view.environment}/${incidentOf(view)}`;
  const trouble = troubleOf(told, view);
  return action === 'trigger' && trouble !== null ? trigger(dedup_key, trouble, told, view, site) : { event_action: action, dedup_key };
}

export function pageAction(told: StoredEvent, story: readonly StoredEvent[], view: RequestView): PageAction | null {
  if (pages(told, view)) return 'trigger';
  if (told.type === 'request.ended' && told.data.state === 'succeeded' && view.kind === 'rollback' && view.parentId !== null)
    return 'resolve';
  if (!isOver(told, view) && told.type !== 'alert.acknowledged') return null;
  if (!isOpen(story.filter(({ seq }) => seq < told.seq))) return null;
  return told.type === 'alert.acknowledged' ? 'acknowledge' : 'resolve';
}

function pages(told: StoredEvent, view: RequestView): boolean {
  const trouble = troubleOf(told, view);
  return trouble !== null && isUrgent(told, trouble);
}

/** Whether this event leaves nothing wrong. */
function isOver(told: StoredEvent, { watch }: RequestView): boolean {
  switch (told.type) {
    case 'monitor.sighted':
      return watch !== null && watch.breached.length === 0;
    case 'monitor.rule-cleared':
    case 'monitor.recovered':
      return watch !== null && watch.breached.length === 0 && !watch.blind;
    case 'monitor.updated':
      return told.data.verdict === 'healthy';
    case 'monitor.ended':
      return told.data.verdict !== 'not-certified';
    case 'service.restarted':
      return told.data.ok;
    default:
      return false;
  }
}

function isOpen(story: readonly StoredEvent[]): boolean {
  let open = false;
  for (const [at, told] of story.entries()) {
    if (!['monitor.breached', 'monitor.blind', 'monitor.rule-met', 'service.restarted', 'request.ended', ...OVER].includes(told.type))
      continue;
    const view = viewOf(story.slice(0, at + 1));
    if (view === null) continue;
    if (pages(told, view)) open = true;
    else if (isOver(told, view)) open = false;
  }
  return open;
}

const OVER: readonly string[] = ['monitor.recovered', 'monitor.sighted', 'monitor.rule-cleared', 'monitor.updated', 'monitor.ended'];

function trigger(dedup_key: string, trouble: Trouble, told: StoredEvent, view: RequestView, site: Site): Page {
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
      class: told.type === 'monitor.breached' ? told.data.gate : told.type,
      custom_details: {
        what: clean(trouble.what),
        impact: clean(trouble.impact),
        status: clean(trouble.status),
        rollback_available: clean(trouble.rollback),
        next_steps: clean(trouble.nextSteps),
        eta: clean(trouble.eta),
        incident: incidentOf(view),
        request: view.id,
        meeting: meeting ?? 'none is named in dhash.yml',
      },
    },
    ...(meeting === null ? {} : { links: [{ href: meeting, text: 'Meeting' }] }),
  };
}
