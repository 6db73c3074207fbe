// Keeps the way back open: while all is well the pinned backup is read again, and whether there is room for it is looked up.

import type { Backup } from '../core/backup.ts';
import { formatBytes } from '../core/bytes.ts';
import type { RollbackOffer } from '../core/event.ts';
import type { JobDefinition, Step, StepContext, StepOutcome } from '../core/job.ts';
import type { Change } from '../core/store.ts';
import { armInput } from './inputs.ts';
import { lastRollbackMs, PROMISE_MS, rollbackOffer } from './offer.ts';
import { tell } from './outputs.ts';
import { rolledBack } from './rolled-back.ts';

/** The release is unpacked, and a safety backup is written beside it. */
const ROOM_TIMES = 2;
const ROOM_FLOOR_BYTES = 64 * 1024 * 1024;

const prove: Step = {
  name: 'prove',
  title: 'Prove the way back',
  timeoutMs: 30 * 60_000,
  attempts: 2,
  afterCrash: 'rerun',
  run: async (context) => {
    const { job, ports, store, environment } = context;
    const { deploymentId, at } = armInput(job);
    const live = await store.liveDeployment(environment.name);
    const told = await store.eventsOf(job.requestId);
    const looked = told.filter(({ type, jobId }) => jobId === job.id && (type === 'rollback.armed' || type === 'rollback.unarmed')).length;
    const due = at[looked];
    if (live?.id !== deploymentId || due === undefined) return { kind: 'done', output: null };
    if (ports.clock.now() < due) return { kind: 'wait', until: due, why: 'looks at the way back again at half-time' };
    const offer = await rollbackOffer(store, environment.name);
    if (offer === null) return { kind: 'done', output: null, note: 'nothing is pinned to go back to' };
    return look(context, offer);
  },
};

/** A job of its own, so that reading a large backup never delays a look of the watch. */
export const arm: JobDefinition = {
  name: 'arm',
  steps: [prove],
  back: [],
  pointOfNoCancel: null,
  finish: async () => ({ changes: [], events: [] }),
};

async function look(context: StepContext, offer: RollbackOffer): Promise<StepOutcome> {
  const { job, ports, store, environment, signal } = context;
  const found = await ports.backups.verify(environment, offer.backup, 'full', signal);
  const known = await store.backup(environment.name, offer.backup);
  const now = ports.clock.now();
  if (found.kind === 'broken') return choose(context, offer, known, found.detail);
  const freeBytes = await ports.gauges.freeBytes(environment.root);
  const wanted = found.bytes * ROOM_TIMES + ROOM_FLOOR_BYTES;
  const changes: Change[] = known === null ? [] : [{ kind: 'backup.save', backup: { ...known, verifiedAt: now } }];
  if (freeBytes < wanted) {
    const why = `${environment.root} has ${formatBytes(freeBytes)} free, a rollback wants ${formatBytes(wanted)}`;
    return next([tell(job, 'rollback.unarmed', { backup: offer.backup, why, next: null })], changes, now);
  }
  const lastMs = await lastRollbackMs(store, environment.name);
  const { backup, toTag } = offer;
  const armed = { backup, toTag, verifiedAt: now, estimateMs: lastMs ?? PROMISE_MS, measured: lastMs !== null, freeBytes };
  return next([tell(job, 'rollback.armed', armed)], changes, now);
}

/** Due at once: the next run sees what was told, and waits for half-time or ends. */
function next(events: NonNullable<StepOutcome['events']>, changes: readonly Change[], now: number): StepOutcome {
  return { kind: 'wait', until: now, why: 'looks at the way back again at half-time', changes, events };
}

/** The pinned one is not what it was: the newest other one that still proves right takes its place. */
async function choose(context: StepContext, offer: RollbackOffer, known: Backup | null, detail: string): Promise<StepOutcome> {
  const { job, ports, environment, signal } = context;
  const changes: Change[] = known === null ? [] : [{ kind: 'backup.save', backup: { ...known, verifiedAt: null } }];
  for (const other of await candidates(context, offer)) {
    const found = await ports.backups.verify(environment, other.file, 'full', signal);
    if (found.kind === 'broken') {
      changes.push({ kind: 'backup.save', backup: { ...other, verifiedAt: null } });
      continue;
    }
    const now = ports.clock.now();
    const better: RollbackOffer = { ...offer, toTag: other.tag, backup: other.file, backupAt: other.createdAt, verifiedAt: now };
    changes.push({ kind: 'backup.save', backup: { ...other, verifiedAt: now } });
    // Stale when another version went live meanwhile: the step looks again, and ends.
    changes.push({ kind: 'deployment.repin', deploymentId: offer.deploymentId, backup: other.file, tag: other.tag });
    return next([tell(job, 'rollback.unarmed', { backup: offer.backup, why: detail, next: better })], changes, now);
  }
  return next([tell(job, 'rollback.unarmed', { backup: offer.backup, why: detail, next: null })], changes, ports.clock.now());
}

/** Newest first: once verified, of another version than the live one, and of none that was rolled back itself. */
async function candidates({ store, environment }: StepContext, offer: RollbackOffer): Promise<readonly Backup[]> {
  const usable: Backup[] = [];
  for (const backup of await store.backups(environment.name)) {
    if (backup.file === offer.backup || backup.verifiedAt === null || backup.tag === offer.fromTag) continue;
    if ((await rolledBack(store, environment.name, backup.tag)) === null) usable.push(backup);
  }
  return usable;
}
