// A made-up deploy, for looking at templates: the events that a real one leaves, told to the moment at which the notice is sent.

import type { Actor } from '../../core/actor.ts';
import { link } from '../../core/chain.ts';
import { type EventMap, type EventType, event, type Measure, type StoredEvent } from '../../core/event.ts';
import type { NoticeName } from '../../core/notice.ts';
import { type RequestView, viewOf } from '../view.ts';
import { noticesOf } from './moments.ts';
import type { AnyNotice, Site } from './notice.ts';

export interface Sample {
  readonly notice: AnyNotice;
  readonly view: RequestView;
  readonly told: StoredEvent;
  readonly story: readonly StoredEvent[];
}

/** 2026-01-15 14:00 UTC */
const START = 1_768_485_600_000;
const ANA: Actor = { surface: 'slack', id: 'U0LEAD', name: 'ana' };
const MINUTE = 60_000;
const BACKUP = 'dhash_20260115_140009_v2.0.0.zip';

/** Which event of the sample's story sends which notice. */
const SENT_BY: Readonly<Record<NoticeName, EventType>> = {
  announcement: 'approvals.filled',
  progress: 'step.finished',
  issue: 'monitor.breached',
  success: 'request.ended',
  rollback: 'request.ended',
  halfway: 'monitor.updated',
  final: 'monitor.ended',
  escalation: 'escalation.started',
};

export function sampleOf(name: NoticeName, site: Site, form: 'chat' | 'mail'): Sample {
  const whole = name === 'rollback' ? rolledBack() : name === 'final' ? calm() : troubled();
  for (const [at, told] of whole.entries()) {
    if (told.type !== SENT_BY[name]) continue;
    const story = whole.slice(0, at + 1);
    const view = viewOf(story);
    if (view === null) continue;
    const notice = noticesOf({ told, story, view, site, form }).find((one) => one.name === name);
    if (notice !== undefined) return { notice, view, told, story };
  }
  throw new Error(`the sample's story has no moment for ${name}`);
}

function measures(responseMs: number): readonly Measure[] {
  const slow = responseMs > 200;
  return [
    { gate: 'health', label: 'Health', value: 'healthy', threshold: 'answers 2xx', state: 'pass' },
    {
      gate: 'response-time',
      label: 'Response time (p95)',
      value: `${responseMs} ms`,
      threshold: 'at most 200 ms',
      state: slow ? 'fail' : 'pass',
    },
    { gate: 'error-rate', label: 'Error rate', value: '0 %', threshold: 'at most 0.1 %', state: 'pass' },
    { gate: 'cpu', label: 'CPU', value: '31 %', threshold: 'at most 70 %', state: 'pass' },
    { gate: 'memory', label: 'Memory', value: '48 %', threshold: 'at most 80 %', state: 'pass' },
  ];
}

type Add = <T extends EventType>(minutes: number, type: T, data: EventMap[T], jobId?: string) => void;

function storyOf(requestId: string, tell: (add: Add) => void): readonly StoredEvent[] {
  const events: StoredEvent[] = [];
  tell((minutes, type, data, jobId = 'j-sample') => {
    const scope = { environment: 'production', requestId, jobId, actor: ANA };
    events.push(link(events.at(-1) ?? null, event(scope, type, data), START + minutes * MINUTE));
  });
  return events;
}

function calm(): readonly StoredEvent[] {
  return storyOf('d-sample', (add) => {
    deployed(add);
    add(32, 'monitor.updated', { offsetMs: 30 * MINUTE, remainingMs: 30 * MINUTE, measures: measures(44), verdict: 'healthy' }, 'j-watch');
    add(
      62,
      'monitor.ended',
      {
        verdict: 'certified',
        why: '120 checks, no breach',
        checks: 120,
        breaches: 0,
        measures: measures(42),
        totals: { answers: 600, passes: 599, responseMs: { count: 120, sum: 5_160, most: 88 }, requests: 216_000, failed: 12 },
      },
      'j-watch',
    );
  });
}

function troubled(): readonly StoredEvent[] {
  return storyOf('d-sample', (add) => {
    deployed(add);
    add(32, 'monitor.updated', { offsetMs: 30 * MINUTE, remainingMs: 30 * MINUTE, measures: measures(44), verdict: 'healthy' }, 'j-watch');
    const rollback = {
      deploymentId: 'live-sample',
      fromTag: 'v2.1.0',
      toTag: 'v2.0.0',
      backup: BACKUP,
      backupAt: START,
      verifiedAt: START,
    };
    add(40, 'monitor.breached', { gate: 'response-time', value: '812 ms', threshold: 'at most 200 ms', failures: 3, rollback }, 'j-watch');
    const met = { rule: 'response-time', value: '812 ms', threshold: '500 ms', detail: 'for 2m', mode: 'ask', rollback } as const;
    add(42, 'monitor.rule-met', met, 'j-watch');
    const about = 'rollback rule response-time is met: 812 ms, limit 500 ms (for 2m)';
    const incident = { incident: 'INC-d-sample-1', kind: 'rule', severity: 'critical', about, rollback, meeting: null } as const;
    add(42, 'escalation.started', { ...incident, rungs: [] }, 'j-ladder');
  });
}

function deployed(add: Add): void {
  const steps = [
    { name: 'backup', title: 'Back up what is live, and pin it' },
    { name: 'switch', title: 'Switch the proxy' },
  ];
  add(0, 'request.made', { kind: 'deploy', tag: 'v2.1.0', options: {}, parentId: null, expected: { backup: 45_000, switch: 15_000 } });
  add(0, 'job.started', { name: 'deploy', steps });
  const evidence = [
    { check: 'backup', result: { kind: 'pass' as const, detail: 'verified 40 minutes ago' }, at: START },
    { check: 'contacts', result: { kind: 'pass' as const, detail: '3 people may fill 2 seats' }, at: START },
  ];
  add(0, 'checklist.judged', {
    evidence,
    tag: 'v2.1.0',
    commit: '4c1d2e9f0a1b4c1d2e9f0a1b4c1d2e9f0a1b4c1d',
    digest: 'sample',
    passed: true,
  });
  add(1, 'approvals.filled', { people: ['U0BOB', 'U0OLGA'] });
  add(1, 'backup.created', { file: BACKUP, tag: 'v2.0.0', kind: 'pre-deploy', bytes: 48_000_000, files: 1_200, sha256: '9'.repeat(64) });
  add(1.5, 'step.finished', { step: 'backup', index: 1, of: 2, direction: 'forward', durationMs: 41_000, note: 'verified' });
  live(add, { kind: 'deploy', tag: 'v2.1.0', previousTag: 'v2.0.0', rollbackBackup: BACKUP, rollbackTag: 'v2.0.0' });
  add(2, 'monitor.started', { deploymentId: 'live-sample', tag: 'v2.1.0', until: START + 62 * MINUTE, intervalMs: 30_000 }, 'j-watch');
  add(17, 'monitor.updated', { offsetMs: 15 * MINUTE, remainingMs: 45 * MINUTE, measures: measures(41), verdict: 'healthy' }, 'j-watch');
}

function rolledBack(): readonly StoredEvent[] {
  return storyOf('r-sample', (add) => {
    const options = { from: 'v2.1.0', backup: BACKUP, emergency: true };
    add(0, 'request.made', { kind: 'rollback', tag: 'v2.0.0', options, parentId: 'd-sample', expected: {} });
    live(add, { kind: 'rollback', tag: 'v2.0.0', previousTag: 'v2.1.0', rollbackBackup: null, rollbackTag: null });
  });
}

type Live = Pick<EventMap['version.live'], 'kind' | 'tag' | 'previousTag' | 'rollbackBackup' | 'rollbackTag'>;

function live(add: Add, facts: Live): void {
  add(1.6, 'traffic.measured', { total: 214, failed: 0, firstFailure: null, interrupted: false });
  add(1.7, 'smoke.judged', { results: [{ name: 'health', critical: true, passed: true, detail: '200' }], passed: true });
  add(1.8, 'version.live', { deploymentId: 'live-sample', commit: '4c1d2e9f0a1b4c1d2e9f0a1b4c1d2e9f0a1b4c1d', ...facts });
  add(1.9, 'job.ended', { name: facts.kind, outcome: 'succeeded', durationMs: 110_000, failure: null });
  add(1.9, 'request.ended', { state: 'succeeded', why: 'succeeded' });
}
