// A watch of an hour in which the response time goes over both limits, the error rate follows, and memory is never measured.

import type { StoredEvent } from '../../src/core/event.ts';
import type { Sample } from '../../src/core/sample.ts';
import type { ChartLimits } from '../../src/templates/chart.ts';

export const T0 = Date.UTC(2026, 10, 23, 14, 0);
export const MINUTE = 60_000;

export const LIMITS: ChartLimits = {
  responseMs: { warnAbove: 200, backAbove: 500 },
  errorRate: { warnAbove: 0.1, backAbove: 1 },
  cpu: { warnAbove: 70, backAbove: 90 },
  memory: { warnAbove: 80, backAbove: 95 },
};

/** Every 30 s for an hour; nobody looked between T+25m and T+28m. */
export function samples(count = 120): readonly Sample[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => index < 50 || index > 56)
    .map((index) => sampleAt(index));
}

function sampleAt(index: number): Sample {
  const measured: Pick<Sample, 'responseMs' | 'errorRate' | 'cpu' | 'memory' | 'probeMs'> = {
    responseMs: index > 80 ? 560 : 40 + (index % 5),
    errorRate: index > 85 ? 2.2 : 0,
    cpu: 30,
    memory: null,
    probeMs: 5,
  };
  const rest = {
    jobId: 'j-2',
    environment: 'production',
    healthy: true,
    version: 'v2.2.0',
    requests: 100,
    missing: { memory: 'no gauge' },
  };
  // Fields that other measures bring are not read by a chart.
  const sample: unknown = { ...rest, ...measured, at: T0 + index * 30_000 };
  return sample as Sample;
}

let serial = 0;

export function told(at: number, type: string, data: object, more: object = {}): StoredEvent {
  serial += 1;
  const base = {
    seq: serial,
    at,
    prevHash: 'p'.repeat(64),
    hash: 'h'.repeat(64),
    environment: 'production',
    requestId: 'd-1',
    jobId: 'j-2',
    actor: null,
  };
  const event: unknown = { ...base, type, data, ...more };
  return event as StoredEvent;
}

/** Asked, switched, watched, breached, recovered and rolled back. */
export function watchStory(): readonly StoredEvent[] {
  const ana = { surface: 'slack', id: 'U0LEAD', name: 'ana' };
  const breach = { gate: 'responseTime', value: '560 ms', threshold: 'at most 200 ms', failures: 3, rollback: null };
  const measures = [{ gate: 'responseTime', label: 'Response time', value: '560 ms', threshold: 'at most 200 ms', state: 'fail' }];
  return [
    told(
      T0 - 3 * MINUTE,
      'request.made',
      { kind: 'deploy', tag: 'v2.2.0', options: {}, parentId: null, expected: {} },
      { jobId: null, actor: ana },
    ),
    told(T0 - MINUTE, 'traffic.switched', { from: 'blue', to: 'green', fromTag: 'v2.1.0', toTag: 'v2.2.0' }, { jobId: 'j-1' }),
    told(T0 - MINUTE / 2, 'job.queued', { name: 'monitor' }),
    told(T0, 'monitor.started', { deploymentId: 'live-1', tag: 'v2.2.0', until: T0 + 60 * MINUTE, intervalMs: 30_000 }),
    told(T0, 'monitor.updated', { offsetMs: 0, remainingMs: 60 * MINUTE, measures, verdict: 'healthy' }),
    told(T0 + 30 * MINUTE, 'monitor.updated', { offsetMs: 30 * MINUTE, remainingMs: 30 * MINUTE, measures, verdict: 'healthy' }),
    told(T0 + 42 * MINUTE, 'monitor.breached', breach),
    told(T0 + 42 * MINUTE, 'monitor.breached', { ...breach, gate: 'errorRate', value: '2.2 %' }),
    told(T0 + 45 * MINUTE, 'monitor.updated', { offsetMs: 45 * MINUTE, remainingMs: 15 * MINUTE, measures, verdict: 'breached' }),
    told(T0 + 50 * MINUTE, 'monitor.recovered', { gate: 'responseTime', value: '40 ms', passes: 5 }),
    told(T0 + 56 * MINUTE, 'monitor.ended', {
      verdict: 'superseded',
      why: 'v2.1.0 went live after it (rollback)',
      checks: 110,
      breaches: 2,
      measures,
    }),
  ];
}
