// A rollback as it is begun, by a person or by a rule: same request, same lock, same audit.

import type { Actor } from '../core/actor.ts';
import type { Deployment } from '../core/deployment.ts';
import type { NewEvent, RollbackOffer } from '../core/event.ts';
import type { Job } from '../core/job.ts';
import type { Lock } from '../core/lock.ts';
import type { Change } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { RollbackInput } from './inputs.ts';
import type { Opening } from './opening.ts';

/** How the audit and the card name a rollback that nobody pressed. */
export const ruleActor = (rule: string): Actor => ({ surface: 'schedule', id: 'rollback-rule', name: `dhash (rule ${rule})` });

export interface GoBack {
  readonly actor: Actor;
  readonly environment: string;
  readonly offer: RollbackOffer;
  readonly live: Deployment | null;
  readonly lock: Lock | null;
  /** Open jobs of the environment: a deploy among them is told to turn back. */
  readonly open: readonly Job[];
  readonly emergency: boolean;
  readonly withData: boolean;
  readonly monitor: boolean;
  /** Its contents are not read through beforehand; its checksum is compared all the same. */
  readonly noVerify?: boolean;
  readonly parentId: string | null;
  readonly now: Instant;
  /** Written with it, e.g. the end of the countdown that it overtakes. */
  readonly also?: readonly Change[];
  readonly told?: readonly NewEvent[];
}

export function goBackOpening(wanted: GoBack): Opening {
  const { actor, environment, offer, live, lock, open, emergency, withData, monitor, noVerify, parentId, now } = wanted;
  const input: RollbackInput = {
    file: offer.backup,
    toTag: offer.toTag,
    fromTag: live?.tag ?? null,
    deploymentId: live?.id ?? null,
    emergency,
    withData,
    monitor,
    ...(noVerify === true ? { noVerify } : {}),
  };
  const cancel = { by: actor.id, reason: `rollback asked for by ${actor.name}`, force: true };
  const deploys = open.filter((job) => job.name === 'deploy' && job.cancel?.force !== true);
  return {
    job: 'rollback',
    environment,
    tag: offer.toTag,
    input,
    options: {
      backup: offer.backup,
      from: input.fromTag ?? 'nothing',
      emergency,
      withData,
      ...(noVerify === true ? { 'no-verify': true } : {}),
    },
    parentId,
    lock: { kind: 'seize', from: lock },
    also: [...deploys.map(({ id }): Change => ({ kind: 'job.cancel', jobId: id, cancel, at: now })), ...(wanted.also ?? [])],
    told: wanted.told ?? [],
  };
}
