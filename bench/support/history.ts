// A past to look back on: deploys that went well, one a moment.

import { event } from '../../src/core/event.ts';
import type { Change, Store } from '../../src/core/store.ts';
import { aBackup, aDeployment, aJob, aRequest } from '../../test/store/records.ts';

const NO_MEASURES = { checks: 120, breaches: 0, measures: [], verdict: 'certified', why: '' } as const;

/** Each run: a request, its jobs, what went live, a verified backup, a checklist, an ended watch, forty other events. */
export async function fillHistory(store: Pick<Store, 'commit'>, runs: number, atOf: (run: number) => number = (run) => run): Promise<void> {
  for (let run = 1; run <= runs; run += 1) {
    const id = `d-${run}`;
    const at = atOf(run);
    const times = { createdAt: at, startedAt: at, finishedAt: at + 5 };
    const changes: Change[] = [
      { kind: 'request.create', request: aRequest({ id, at, state: 'succeeded' }) },
      { kind: 'job.create', job: aJob({ id: `j-${run}`, requestId: id, state: 'succeeded', ...times }) },
      { kind: 'job.create', job: aJob({ id: `m-${run}`, name: 'monitor', requestId: id, state: 'succeeded', ...times }) },
      { kind: 'deployment.live', deployment: aDeployment({ id: `dep-${run}`, requestId: id, liveAt: at, rollbackBackup: `b-${run}` }) },
      { kind: 'backup.save', backup: aBackup({ file: `b-${run}`, createdAt: at, verifiedAt: at }) },
    ];
    const scope = { environment: 'production', requestId: id, jobId: `j-${run}`, actor: null };
    const told = Array.from({ length: 40 }, () => event(scope, 'lock.taken', { reason: 'deploy' }));
    const judged = event(scope, 'checklist.judged', { evidence: [], tag: 'v2.1.0', commit: 'c', digest: 'd', passed: true });
    await store.commit(changes, [judged, ...told, event(scope, 'monitor.ended', { ...NO_MEASURES })], at);
  }
}
