// The Store port. One commit = one transaction = new state and the events that tell of it.

import type { Backup } from './backup.ts';
import type { Deployment } from './deployment.ts';
import type { EventType, NewEvent, StoredEvent } from './event.ts';
import type { GlanceReader, Progress } from './glance.ts';
import type { Cancel, Job } from './job.ts';
import type { Json } from './json.ts';
import type { Lock } from './lock.ts';
import type { Request } from './request.ts';
import type { Sample } from './sample.ts';
import type { DurationMs, Instant } from './time.ts';

/** One guarded write. When its guard does not hold, nothing of the whole commit is written. */
export type Change =
  /** Refused with `duplicate` when the dedupe key is known. */
  | { readonly kind: 'request.create'; readonly request: Request }
  /** Compare-and-set: the stored version must be `request.version - 1`. */
  | { readonly kind: 'request.update'; readonly request: Request }
  | { readonly kind: 'job.create'; readonly job: Job }
  /** Compare-and-set on version AND on owner: a worker that lost its lease writes nothing. The columns `cancel` and `leaseUntil` are not written by it. */
  | { readonly kind: 'job.update'; readonly job: Job; readonly owner: string }
  /** Makes a waiting job due now. A running one remembers it and is due at once when it next waits, so that no wake is lost in between. */
  | { readonly kind: 'job.wake'; readonly jobId: string; readonly at: Instant }
  /** Asks the worker to stop, and wakes the job; a later `force` strengthens an earlier plain one. `stale` when the job is final or was stopped before. */
  | { readonly kind: 'job.cancel'; readonly jobId: string; readonly cancel: Cancel; readonly at: Instant }
  /** Refused with `locked` while another holder has it; taking one's own again is fine. */
  | { readonly kind: 'lock.take'; readonly lock: Lock }
  /** Only its holder's; no effect when somebody else holds it by now. */
  | { readonly kind: 'lock.release'; readonly environment: string; readonly holder: string }
  /** Takes it from `from` (null = from nobody): rollback only. `stale` when that is not who holds it any more (also when it was released by now). */
  | { readonly kind: 'lock.seize'; readonly lock: Lock; readonly from: string | null }
  /** Saves it and, when it is live, supersedes the one live before. */
  | { readonly kind: 'deployment.live'; readonly deployment: Deployment }
  /** Another rollback target for what is live. `stale` when that deployment is not live any more. */
  | { readonly kind: 'deployment.repin'; readonly deploymentId: string; readonly backup: string; readonly tag: string }
  | { readonly kind: 'backup.save'; readonly backup: Backup }
  | { readonly kind: 'backup.forget'; readonly environment: string; readonly file: string }
  | { readonly kind: 'sample.add'; readonly sample: Sample }
  /** Of the watches of an environment, what was sampled before that instant: the first of every so many milliseconds stays. */
  | { readonly kind: 'sample.thin'; readonly environment: string; readonly before: Instant; readonly every: DurationMs };

export type Committed =
  | { readonly kind: 'committed'; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'duplicate'; readonly request: Request }
  | { readonly kind: 'locked'; readonly lock: Lock }
  /** Somebody else wrote first; read again and decide again. */
  | { readonly kind: 'stale'; readonly what: string };

export interface StoreReader extends GlanceReader {
  readonly request: (id: string) => Promise<Request | null>;
  readonly requests: (filter: {
    readonly environment?: string;
    readonly state?: Request['state'];
    readonly limit?: number;
  }) => Promise<readonly Request[]>;
  readonly job: (id: string) => Promise<Job | null>;
  /** Newest first. */
  readonly jobs: (filter: {
    readonly environment?: string;
    readonly requestId?: string;
    readonly open?: boolean;
    readonly limit?: number;
  }) => Promise<readonly Job[]>;
  readonly lock: (environment: string) => Promise<Lock | null>;
  readonly liveDeployment: (environment: string) => Promise<Deployment | null>;
  /** Newest first. */
  readonly deployments: (environment: string, limit: number) => Promise<readonly Deployment[]>;
  readonly backups: (environment: string) => Promise<readonly Backup[]>;
  readonly backup: (environment: string, file: string) => Promise<Backup | null>;
  readonly samples: (jobId: string, since: Instant) => Promise<readonly Sample[]>;
  readonly eventsAfter: (seq: number, limit: number) => Promise<readonly StoredEvent[]>;
  /** `types` narrows it to these. */
  readonly eventsOf: (requestId: string, types?: readonly EventType[]) => Promise<readonly StoredEvent[]>;
  /** The same, after the one numbered `seq`: for whoever has read the others. */
  readonly newsOf: (requestId: string, seq: number) => Promise<readonly StoredEvent[]>;
  /** The newest event; null in an empty log. */
  readonly head: () => Promise<StoredEvent | null>;
}

export interface Store extends StoreReader {
  readonly commit: (changes: readonly Change[], events: readonly NewEvent[], at: Instant) => Promise<Committed>;
  /**
   * Leases one job that is due, the oldest first: queued; waiting past `wakeAt`, or woken or canceled since it was last claimed; or running with a
   * lease that ended or an owner in `dead`.
   * Sets owner, leaseUntil and state `running`, and counts the version up. `jobId` narrows it to one job.
   */
  readonly claim: (claim: {
    readonly owner: string;
    readonly now: Instant;
    readonly leaseUntil: Instant;
    readonly dead: readonly string[];
    readonly jobId?: string;
  }) => Promise<Job | null>;
  /** Extends this owner's leases on these jobs; answers the ids of those it still has. What it carries no more ends by itself. */
  readonly renew: (owner: string, leaseUntil: Instant, jobIds: readonly string[]) => Promise<readonly string[]>;
  /** Job id -> its cancel, of the jobs this owner carries that somebody wants stopped. */
  readonly cancels: (owner: string) => Promise<ReadonlyMap<string, Cancel>>;
  /** Gives every lease of this owner back at once (drain), so that the next worker need not wait. */
  readonly release: (owner: string) => Promise<void>;
  /** Owners that hold a lease on a running job, for telling which of them are dead. */
  readonly owners: () => Promise<readonly string[]>;
  /** Shows what a running step prints; null takes it away. Beside the log on purpose: output is no event. */
  readonly showProgress: (jobId: string, progress: Progress | null) => Promise<void>;
  /** Small named values: projection cursors, cached user groups. */
  readonly get: (key: string) => Promise<Json>;
  readonly set: (key: string, value: Json) => Promise<void>;
  /** True once after another process or this one has committed since the last call, and on the first call; used to wake loops without reading rows. One loop per function: each loop needs its own. */
  readonly changed: () => boolean;
  /** Calls the listener soon after any process may have committed, perhaps too often, and where the system cannot tell of other processes too seldom. */
  readonly onWrite: (listener: () => void) => () => void;
  readonly close: () => void;
}
