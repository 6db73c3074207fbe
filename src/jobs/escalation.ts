// Calls people, one after the other, until somebody says "I look after it" or there is nothing left to look after.

import { activeSnooze, alertsOf, dueAt, type Incident, type Rung, rank } from '../core/alert.ts';
import type { EventMap, EventOf } from '../core/event.ts';
import type { Job, JobDefinition, Step, StepContext, StepOutcome } from '../core/job.ts';
import type { Groups } from '../core/ports.ts';
import type { Instant } from '../core/time.ts';
import { takeTurn } from './countdowns.ts';
import { escalationInput } from './inputs.ts';
import { tell } from './outputs.ts';
import { requestOf } from './request-of.ts';

/** After the last rung it is still waited for somebody, or for better news. */
const LINGER_MS = 24 * 60 * 60_000;

type Over = Pick<EventMap['escalation.ended'], 'how' | 'by'>;

const climb: Step = {
  name: 'climb',
  title: 'Call people until somebody looks after it',
  timeoutMs: 30_000,
  attempts: 3,
  afterCrash: 'rerun',
  run: async (context) => {
    const { job, ports, store } = context;
    const request = await requestOf(store, job);
    const story = await store.eventsOf(job.requestId);
    const alerts = alertsOf(story);
    const incident = alerts.incidents.find(({ jobId }) => jobId === job.id);
    const started = story.find((told) => told.type === 'escalation.started' && told.jobId === job.id);
    if (incident === undefined || started?.type !== 'escalation.started') return { kind: 'finish', as: 'succeeded', output: null };
    const over = await whyOver(context, incident, alerts);
    if (over !== null) return end(job, request, started, over);
    const now = ports.clock.now();
    const snooze = activeSnooze(alerts, now);
    if (snooze !== null) return { kind: 'wait', until: snooze.until, why: `snoozed by ${snooze.by}` };
    const next = incident.rungs[incident.climbed];
    const last = incident.rungs.at(-1)?.after ?? 0;
    const due = incident.hurry && next !== undefined ? incident.at : dueAt(incident, next?.after ?? last + LINGER_MS, alerts.snoozes);
    if (now < due) return { kind: 'wait', until: due, why: 'waits for somebody to acknowledge' };
    if (next === undefined) return end(job, request, started, { how: 'exhausted', by: null });
    return call(context, { request, started, incident, next, now });
  },
};

/** Its people are called by events in the very transaction that takes the rung: none twice, none forgotten. */
export const escalation: JobDefinition = {
  name: 'escalation',
  steps: [climb],
  back: [],
  pointOfNoCancel: null,
  finish: async () => ({ changes: [], events: [] }),
};

function end(job: Job, request: Awaited<ReturnType<typeof requestOf>>, { data }: EventOf<'escalation.started'>, over: Over): StepOutcome {
  const { incident, kind, about, severity } = data;
  const told = tell(job, 'escalation.ended', { incident, kind, about, severity, ...over });
  return { kind: 'done', output: { how: over.how }, changes: [takeTurn(request)], events: [told] };
}

async function whyOver({ job, store }: StepContext, incident: Incident, alerts: ReturnType<typeof alertsOf>): Promise<Over | null> {
  const { deploymentId, recovers } = escalationInput(job);
  if (incident.acked !== null) return { how: 'acknowledged', by: incident.acked.by };
  const graver = alerts.incidents.find(
    (other) => other.at >= incident.at && rank(other.kind) > rank(incident.kind) && other.ended === null,
  );
  if (graver !== undefined) return { how: 'raised', by: null };
  const live = await store.liveDeployment(job.environment);
  if (deploymentId !== null && live !== null && live.id !== deploymentId)
    return { how: live.kind === 'rollback' ? 'rolled-back' : 'superseded', by: null };
  return recovers && alerts.bad.length === 0 ? { how: 'recovered', by: null } : null;
}

function call(
  { job, ports }: StepContext,
  at: {
    readonly request: Awaited<ReturnType<typeof requestOf>>;
    readonly started: EventOf<'escalation.started'>;
    readonly incident: Incident;
    readonly next: Rung;
    readonly now: Instant;
  },
): StepOutcome {
  const { request, started, incident, next, now } = at;
  const { rungs, ...facts } = started.data;
  const place = { to: next.to, rung: incident.climbed + 1, of: rungs.length };
  const reached = reach(next, ports.groups);
  const told =
    reached.kind === 'nobody'
      ? tell(job, 'escalation.skipped', { incident: incident.id, ...place, why: reached.why })
      : tell(job, 'escalation.called', { ...facts, ...place, person: reached.person, reach: reached.kind });
  return { kind: 'wait', until: now, why: 'waits for somebody to acknowledge', changes: [takeTurn(request)], events: [told] };
}

type Reach = { readonly kind: 'nobody'; readonly why: string } | { readonly kind: 'known' | 'unknown'; readonly person: string };

/** A group that Slack cannot tell about is called all the same, and the next rung with it: it may be deleted. */
function reach({ to, person }: Rung, groups: Groups): Reach {
  if (person === null) return { kind: 'nobody', why: `nobody is named as people.${to}` };
  if (!person.startsWith('S')) return { kind: 'known', person };
  const members = groups.members(person);
  if (members === null) return { kind: 'unknown', person };
  return members.length === 0 ? { kind: 'nobody', why: `the user group ${person} has no members` } : { kind: 'known', person };
}
