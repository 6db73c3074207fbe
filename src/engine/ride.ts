// A job while this worker carries it: the row as last saved, and the one way to save it again.

import type { Config, Environment } from '../core/config.ts';
import { BotError } from '../core/error.ts';
import { type EventMap, type EventType, event, type NewEvent } from '../core/event.ts';
import type { Cancel, Job, JobDefinition, JobName } from '../core/job.ts';
import { mayCancel } from '../core/plan.ts';
import type { Ports } from '../core/ports.ts';
import type { Change, Committed, Store } from '../core/store.ts';
import type { StopReason } from './attempt.ts';

export interface Worker {
  readonly store: Store;
  readonly ports: Ports;
  readonly config: Config;
  readonly definitions: Readonly<Record<JobName, JobDefinition>>;
  /** `host:pid:startTime`, so that others can tell when we are dead. */
  readonly owner: string;
  /** How the service stands, one sentence each, for people who watch a step that prints. */
  readonly look?: (environment: Environment) => Promise<readonly string[]>;
}

export interface Ride {
  readonly worker: Worker;
  readonly definition: JobDefinition;
  readonly environment: Environment;
  /** As last saved by us. */
  readonly job: () => Job;
  readonly cancel: () => Cancel | null;
  readonly stop: AbortController;
  /** Aborts the running step when the cancel may still turn the job back. */
  readonly seeCancel: (cancel: Cancel | null) => void;
  /** Saves state, changes and events together. `stale` = somebody wrote the request meanwhile; a lost lease throws. */
  readonly save: (
    next: Partial<Job>,
    changes: readonly Change[],
    events: readonly NewEvent[],
  ) => Promise<Exclude<Committed, { kind: 'duplicate' }>>;
  /** Throws `lease-lost` when another worker has the job by now. */
  readonly assertOurs: () => Promise<void>;
  readonly tell: <T extends EventType>(type: T, data: EventMap[T]) => NewEvent;
}

export function startRide(worker: Worker, claimed: Job): Ride {
  const definition = worker.definitions[claimed.name];
  const environment = worker.config.environments[claimed.environment];
  if (environment === undefined) throw environmentGone(claimed);
  let job = claimed;
  let cancel = claimed.cancel;
  let stop = new AbortController();
  const scope = { environment: claimed.environment, requestId: claimed.requestId, jobId: claimed.id, actor: null };

  return {
    worker,
    definition,
    environment,
    job: () => job,
    cancel: () => cancel,
    get stop() {
      return stop;
    },
    seeCancel: (seen) => {
      const news = seen !== null && (cancel === null || (seen.force && !cancel.force));
      if (seen !== null) cancel = seen;
      if (news && mayCancel(definition, job, seen.force)) stop.abort('cancel' satisfies StopReason);
    },
    tell: (type, data) => event(scope, type, data),
    assertOurs: async () => {
      const stored = await worker.store.job(job.id);
      if (stored?.owner === worker.owner) return;
      stop.abort('lease-lost' satisfies StopReason);
      throw leaseLost(stored);
    },
    save: async (next, changes, events) => {
      const saved: Job = { ...job, ...next, version: job.version + 1 };
      const result = await worker.store.commit(
        [{ kind: 'job.update', job: saved, owner: worker.owner }, ...changes],
        events,
        worker.ports.clock.now(),
      );
      if (result.kind === 'committed') {
        // A step that was canceled has ended once it is saved; what runs next gets a fresh signal.
        if (stop.signal.reason === 'cancel') stop = new AbortController();
        job = saved;
        return result;
      }
      await assertStillOurs();
      return result.kind === 'duplicate' ? { kind: 'stale', what: 'request' } : result;
    },
  };

  async function assertStillOurs(): Promise<void> {
    const stored = await worker.store.job(job.id);
    if (stored?.owner === worker.owner && stored.version === job.version) return;
    throw leaseLost(stored);
  }

  function leaseLost(stored: Job | null): BotError {
    return new BotError({ code: 'lease-lost', message: `job ${job.id} is carried by ${stored?.owner ?? 'nobody'} now`, hint: null });
  }
}

function environmentGone(job: Job): BotError {
  return new BotError({
    code: 'environment-gone',
    message: `job ${job.id} (${job.name}) is about environment "${job.environment}", which the configuration no longer has`,
    hint: `Put "${job.environment}" back into dhash.yml, or cancel the job: bin/dhash cancel ${job.requestId}`,
  });
}
