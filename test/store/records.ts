// Whole records with one line each; a test names only what it is about.

import type { Actor } from '../../src/core/actor.ts';
import type { Backup } from '../../src/core/backup.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import { event, type NewEvent } from '../../src/core/event.ts';
import type { Job } from '../../src/core/job.ts';
import type { Lock } from '../../src/core/lock.ts';
import type { Request } from '../../src/core/request.ts';
import type { Sample } from '../../src/core/sample.ts';

export const ADA: Actor = { surface: 'slack', id: 'U0ADA', name: 'ada' };

export function aRequest(given: Partial<Request> = {}): Request {
  const id = given.id ?? 'd-1';
  return {
    id,
    kind: 'deploy',
    environment: 'production',
    tag: 'v2.1.0',
    by: ADA,
    at: 1_000,
    state: 'open',
    digest: null,
    approvals: [],
    approvalsExpireAt: null,
    parentId: null,
    options: {},
    dedupeKey: `key-${id}`,
    version: 1,
    ...given,
  };
}

export function aJob(given: Partial<Job> = {}): Job {
  return {
    id: 'j-1',
    name: 'deploy',
    requestId: 'd-1',
    environment: 'production',
    input: { tag: 'v2.1.0' },
    state: 'queued',
    direction: 'forward',
    step: null,
    attempt: 0,
    stepStartedAt: null,
    inFlight: false,
    outputs: {},
    checkpoint: null,
    failure: null,
    cancel: null,
    owner: null,
    leaseUntil: null,
    wakeAt: null,
    waitReason: null,
    createdAt: 1_000,
    startedAt: null,
    finishedAt: null,
    version: 1,
    ...given,
  };
}

export function aLock(given: Partial<Lock> = {}): Lock {
  return { environment: 'production', holder: 'd-1', by: ADA, reason: 'deploy of v2.1.0', since: 1_000, ...given };
}

export function aDeployment(given: Partial<Deployment> = {}): Deployment {
  return {
    id: 'dep-1',
    environment: 'production',
    kind: 'deploy',
    tag: 'v2.1.0',
    commit: 'c'.repeat(40),
    releasePath: '/srv/releases/v2.1.0-d-1',
    slot: 'blue',
    requestId: 'd-1',
    liveAt: 1_000,
    supersededAt: null,
    rollbackBackup: null,
    rollbackTag: null,
    ...given,
  };
}

export function aBackup(given: Partial<Backup> = {}): Backup {
  return {
    file: 'dhash_20261123_140509_v2.1.0.zip',
    environment: 'production',
    tag: 'v2.1.0',
    commit: 'c'.repeat(40),
    kind: 'manual',
    createdAt: 1_000,
    bytes: 10,
    sha256: 'a'.repeat(64),
    verifiedAt: null,
    ...given,
  };
}

export function aSample(given: Partial<Sample> = {}): Sample {
  return {
    jobId: 'j-1',
    environment: 'production',
    at: 1_000,
    healthy: true,
    version: 'v2.1.0',
    alive: true,
    probeMs: 3,
    responseMs: 20.5,
    errorRate: 0,
    clientErrors: 1.5,
    requests: 12,
    cpu: null,
    memory: 40,
    serviceCpu: 0.5,
    serviceMemory: 2,
    disk: 61.2,
    gates: { at: 900, verdict: 'pass', detail: '8 of 8 passed' },
    smoke: { at: 950, passed: false, detail: 'hash: 500' },
    reporters: 1,
    missing: { cpu: 'first look' },
    ...given,
  };
}

export function anEvent(requestId: string | null = 'd-1', reason = 'deploy of v2.1.0'): NewEvent {
  return event({ environment: 'production', requestId, jobId: null, actor: ADA }, 'lock.taken', { reason });
}
