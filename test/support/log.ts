// A hand-written event log: what a request's story looks like, without running anything.

import type { Actor } from '../../src/core/actor.ts';
import { link } from '../../src/core/chain.ts';
import { type EventMap, type EventType, event, type StoredEvent } from '../../src/core/event.ts';

export const NOON = Date.UTC(2026, 10, 23, 12);

export interface TestLog {
  readonly add: <T extends EventType>(type: T, data: EventMap[T], who?: { readonly actor?: Actor; readonly jobId?: string }) => TestLog;
  readonly events: () => readonly StoredEvent[];
}

/** Each event comes a second after the one before. */
export function testLog(requestId = 'd-0001', environment = 'production'): TestLog {
  const events: StoredEvent[] = [];
  const log: TestLog = {
    events: () => events,
    add: (type, data, who = {}) => {
      const scope = { environment, requestId, jobId: who.jobId ?? 'j-0001', actor: who.actor ?? null };
      events.push(link(events.at(-1) ?? null, event(scope, type, data), NOON + events.length * 1_000));
      return log;
    },
  };
  return log;
}

const ANA: Actor = { surface: 'slack', id: 'U0LEAD', name: 'ana' };
const BOB: Actor = { surface: 'slack', id: 'U0BOB', name: 'bob' };
const OLGA: Actor = { surface: 'slack', id: 'U0OPS', name: 'olga' };

export const STEPS = [
  { name: 'checklist', title: 'Run the checklist' },
  { name: 'approvals', title: 'Collect approvals' },
  { name: 'backup', title: 'Back up what is live, and pin it' },
  { name: 'switch', title: 'Switch the proxy' },
];

/** A deploy of v2.1.0 that waits for its approvals. */
export function asked(log = testLog()): TestLog {
  return log
    .add(
      'request.made',
      { kind: 'deploy', tag: 'v2.1.0', options: {}, parentId: null, expected: { backup: 4_000, switch: 1_000 } },
      { actor: ANA },
    )
    .add('lock.taken', { reason: 'deploy of v2.1.0' }, { actor: ANA })
    .add('job.queued', { name: 'deploy' }, { actor: ANA })
    .add('job.started', { name: 'deploy', steps: STEPS })
    .add('step.started', { step: 'checklist', title: 'Run the checklist', index: 1, of: 4, direction: 'forward', attempt: 1 })
    .add('checklist.judged', {
      evidence: [{ check: 'backup', result: { kind: 'pass', detail: 'verified an hour ago' }, at: NOON }],
      tag: 'v2.1.0',
      commit: 'c'.repeat(40),
      digest: 'digest-1',
      passed: true,
    })
    .add('step.finished', { step: 'checklist', index: 1, of: 4, direction: 'forward', durationMs: 40, note: '1 of 1 checks pass' })
    .add('approvals.opened', { required: 2, fromOps: 1, digest: 'digest-1', expiresAt: NOON + 3_600_000 })
    .add('job.waiting', { step: 'approvals', until: NOON + 3_600_000, why: 'waits for approvals' });
}

export function approved(log = asked()): TestLog {
  return log
    .add('approval.given', { digest: 'digest-1', ops: false }, { actor: BOB })
    .add('approval.given', { digest: 'digest-1', ops: true }, { actor: OLGA })
    .add('approvals.filled', { people: ['U0BOB', 'U0OPS'] })
    .add('step.finished', { step: 'approvals', index: 2, of: 4, direction: 'forward', durationMs: 9_000, note: '2 of 2' })
    .add('step.started', { step: 'backup', title: 'Back up what is live, and pin it', index: 3, of: 4, direction: 'forward', attempt: 1 });
}

/** Live and being watched. */
export function live(log = approved()): TestLog {
  return log
    .add('backup.created', {
      file: 'dhash_20261123_120000_v2.0.0.zip',
      tag: 'v2.0.0',
      kind: 'pre-deploy',
      bytes: 1_000,
      files: 3,
      sha256: 'a'.repeat(64),
    })
    .add('step.finished', { step: 'backup', index: 3, of: 4, direction: 'forward', durationMs: 4_000, note: 'verified' })
    .add('traffic.measured', { total: 214, failed: 0, firstFailure: null, interrupted: false })
    .add('version.live', {
      deploymentId: 'live-j-0001',
      kind: 'deploy',
      tag: 'v2.1.0',
      commit: 'c'.repeat(40),
      previousTag: 'v2.0.0',
      rollbackBackup: 'dhash_20261123_120000_v2.0.0.zip',
      rollbackTag: 'v2.0.0',
    })
    .add('job.ended', { name: 'deploy', outcome: 'succeeded', durationMs: 20_000, failure: null })
    .add('request.ended', { state: 'succeeded', why: 'succeeded' })
    .add('job.queued', { name: 'monitor' }, { jobId: 'j-watch' })
    .add('job.started', { name: 'monitor', steps: [{ name: 'watch', title: 'Watch' }] }, { jobId: 'j-watch' })
    .add(
      'monitor.started',
      { deploymentId: 'live-j-0001', tag: 'v2.1.0', until: NOON + 3_700_000, intervalMs: 30_000 },
      { jobId: 'j-watch' },
    );
}

export function breached(log = live()): TestLog {
  return log.add(
    'monitor.breached',
    {
      gate: 'response-time',
      value: '812 ms',
      threshold: '200 ms',
      failures: 3,
      rollback: {
        deploymentId: 'live-j-0001',
        fromTag: 'v2.1.0',
        toTag: 'v2.0.0',
        backup: 'dhash_20261123_120000_v2.0.0.zip',
        backupAt: NOON,
        verifiedAt: NOON,
      },
    },
    { jobId: 'j-watch' },
  );
}

/** The events of an incident that is critical: the rule that was met, and its ladder. */
export const RULE_MET = {
  rule: 'error-rate',
  value: '4 %',
  threshold: 'above 1 %',
  detail: 'for 5m',
  mode: 'ask',
  rollback: null,
} as const satisfies EventMap['monitor.rule-met'];

export const INCIDENT = {
  incident: 'INC-d-0001-1',
  kind: 'rule',
  severity: 'critical',
  about: 'rollback rule error-rate is met: 4 %, limit above 1 % (for 5m)',
  rollback: null,
  meeting: null,
  rungs: [],
} as const satisfies EventMap['escalation.started'];
