// The memory of versions that were rolled back: read from what was live after what, so there is no list to keep true.

import type { StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';

export interface RolledBack {
  readonly at: Instant;
  /** The version it was left for, and the rollback that did it. */
  readonly toTag: string;
  readonly requestId: string;
}

const DEPLOYMENTS = 500;

/** The last rollback that left this tag; null = it never was, or it has been certified there since. */
export async function rolledBack(store: StoreReader, environment: string, tag: string): Promise<RolledBack | null> {
  const deployments = await store.deployments(environment, DEPLOYMENTS);
  for (const [index, deployment] of deployments.entries()) {
    if (deployment.tag === tag && deployment.kind === 'deploy' && (await isCertified(store, deployment.requestId))) return null;
    const left = deployments[index + 1];
    if (deployment.kind === 'rollback' && left?.tag === tag && deployment.tag !== tag)
      return { at: deployment.liveAt, toTag: deployment.tag, requestId: deployment.requestId };
  }
  return null;
}

async function isCertified(store: StoreReader, requestId: string): Promise<boolean> {
  return (await store.eventsOf(requestId)).some((told) => told.type === 'monitor.ended' && told.data.verdict === 'certified');
}
