// The facts behind Rollback now: always the backup pinned when the live version was deployed, never "the latest file".

import type { RollbackOffer } from '../core/event.ts';
import type { StoreReader } from '../core/store.ts';

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
  };
}
