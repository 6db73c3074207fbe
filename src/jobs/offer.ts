// The facts behind Rollback now: always the backup pinned when the live version was deployed, never "the latest file".

import type { RollbackOffer } from '../core/event.ts';
import type { StoreReader } from '../core/store.ts';
import type { DurationMs } from '../core/time.ts';
import { expectedDurations } from './expected.ts';

/** The promise of the operations guide: back within ten minutes. */
export const PROMISE_MS = 10 * 60_000;

/** null = nothing is live, or nothing was pinned for it. */
export async function rollbackOffer(store: StoreReader, environment: string): Promise<RollbackOffer | null> {
  const live = await store.liveDeployment(environment);
  if (live === null || live.rollbackBackup === null || live.rollbackTag === null) return null;
  const backup = await store.backup(environment, live.rollbackBackup);
  if (backup === null) return null;
  return {
    deploymentId: live.id,
    fromTag: live.tag,
    toTag: live.rollbackTag,
    backup: backup.file,
    backupAt: backup.createdAt,
    verifiedAt: backup.verifiedAt,
    estimateMs: await lastRollbackMs(store, environment),
  };
}

/** How long the steps of the last rollback that ended well took; null = there was none. */
export async function lastRollbackMs(store: StoreReader, environment: string): Promise<DurationMs | null> {
  const steps = Object.values(await expectedDurations(store, environment, 'rollback'));
  return steps.length === 0 ? null : steps.reduce((sum, ms) => sum + ms, 0);
}
