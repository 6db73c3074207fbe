// What alarms in an environment now, read from the stories of its open watch and ladders, and only from the events that are about alarms.

import { activeSnooze, alertsOf, openCountdown, openIncidents } from '../core/alert.ts';
import { EVENT_TYPES, type StoredEvent } from '../core/event.ts';
import type { Alarms } from '../core/glance.ts';
import type { Job } from '../core/job.ts';
import type { StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';

const ABOUT_ALARMS = ['monitor.', 'alert.', 'escalation.', 'rollback.count'];
const TYPES = EVENT_TYPES.filter((type) => ABOUT_ALARMS.some((beginning) => type.startsWith(beginning)));
const BLIND = 'blind:';

export async function alarmsOf(store: StoreReader, openJobs: readonly Job[], now: Instant): Promise<Alarms> {
  const sides = openJobs.filter(({ name }) => name === 'monitor' || name === 'countdown' || name === 'escalation');
  const requests = [...new Set(sides.map(({ requestId }) => requestId))];
  const each = await Promise.all(requests.map(async (request) => alarmsIn(request, await store.eventsOf(request, TYPES), now)));
  return {
    breached: [...new Set(each.flatMap(({ breached }) => breached))],
    blind: [...new Set(each.flatMap(({ blind }) => blind))],
    waiting: each.flatMap(({ waiting }) => waiting),
    countdown: each.find(({ countdown }) => countdown !== null)?.countdown ?? null,
    snoozedUntil: each.reduce<Instant | null>((latest, { snoozedUntil }) => Math.max(latest ?? 0, snoozedUntil ?? 0) || null, null),
  };
}

function alarmsIn(request: string, story: readonly StoredEvent[], now: Instant): Alarms {
  const alerts = alertsOf(story);
  const counting = openCountdown(alerts);
  const bad = alerts.bad.filter((name) => !name.startsWith(BLIND));
  const alarmed = story.findLast(({ type }) => type === 'monitor.breached' || type === 'monitor.rule-met' || type === 'monitor.blind');
  const seen = story.findLast(({ type }) => type === 'alert.acknowledged');
  const unseen = alerts.bad.length > 0 && alarmed !== undefined && (seen === undefined || seen.seq < alarmed.seq);
  return {
    breached: bad,
    blind: alerts.bad.filter((name) => name.startsWith(BLIND)).map((name) => name.slice(BLIND.length)),
    waiting: unseen || openIncidents(alerts).length > 0 ? [request] : [],
    countdown:
      counting === null
        ? null
        : { request, id: counting.jobId, rule: counting.rule, fromTag: counting.offer.fromTag, until: counting.until },
    snoozedUntil: activeSnooze(alerts, now)?.until ?? null,
  };
}
