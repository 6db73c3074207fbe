// The worker's loop: claims what is due, carries it, renews its leases, and lets go when told to drain.

import { createBell } from '../core/bell.ts';
import { asBotError } from '../core/error.ts';
import type { Job } from '../core/job.ts';
import { carry } from './carry.ts';
import { type Ride, startRide, type Worker } from './ride.ts';

export interface Engine {
  /** Claims everything that is due now and starts carrying it; answers how many jobs are being carried. */
  readonly tick: () => Promise<number>;
  /** Runs until `drain`. */
  readonly run: () => Promise<void>;
  /** No new work; running steps are told to stop and stay resumable; resolves when all let go. */
  readonly drain: () => Promise<void>;
  /** Resolves when no job is being carried at the moment. */
  readonly idle: () => Promise<void>;
}

export interface EngineOptions {
  /** Is the process behind this owner gone? Judged for owners on this host only. */
  readonly isOwnerDead: (owner: string) => boolean;
  /** Carry only these jobs (a shell's own), asked anew each time; null = all. */
  readonly only: (() => Promise<readonly string[]>) | null;
  readonly leaseMs?: number;
}

const LEASE_MS = 10_000;
/** Writes come in bursts: one look for all of them. */
const SETTLE_MS = 100;
/** Leases end and waits fall due without any commit, so a look is due now and then even in silence. */
const LOOK_ANYWAY_MS = 1_000;

export function createEngine(worker: Worker, options: EngineOptions): Engine {
  const { store, ports, owner } = worker;
  const { clock, log } = ports;
  const leaseMs = options.leaseMs ?? LEASE_MS;
  const riding = new Map<string, { readonly ride: Ride; readonly done: Promise<void> }>();
  const stopped = new AbortController();
  let renewedAt = clock.now();
  let lookedAt = 0;
  let trouble: string | null = null;

  async function tick(): Promise<number> {
    lookedAt = clock.now();
    await renew();
    await passOnCancels();
    if (stopped.signal.aborted) return riding.size;
    const dead = (await store.owners()).filter((other) => other !== owner && options.isOwnerDead(other));
    for (const narrowed of options.only === null ? [undefined] : await options.only()) await claimAll(dead, narrowed);
    return riding.size;
  }

  async function claimAll(dead: readonly string[], jobId: string | undefined): Promise<void> {
    for (;;) {
      const now = clock.now();
      const job = await store.claim({ owner, now, leaseUntil: now + leaseMs, dead, ...(jobId === undefined ? {} : { jobId }) });
      if (job === null) return;
      mount(job);
    }
  }

  function mount(job: Job): void {
    const ride = startRide(worker, job);
    const done = carryToEnd(ride).finally(() => riding.delete(job.id));
    riding.set(job.id, { ride, done });
  }

  async function carryToEnd(ride: Ride): Promise<void> {
    try {
      await carry(ride);
    } catch (thrown) {
      const error = asBotError(thrown);
      // Nothing is lost: the row stands as it was last saved, and its lease ends by itself.
      if (error.code === 'lease-lost') log.warn({ job: ride.job().id }, `lost the lease: ${error.message}`);
      else log.error({ job: ride.job().id, error: error.code, cause: error.cause }, `could not carry the job on: ${error.message}`);
    }
  }

  async function passOnCancels(): Promise<void> {
    if (riding.size === 0) return;
    const asked = await store.cancels(owner);
    for (const [id, { ride }] of riding) ride.seeCancel(asked.get(id) ?? null);
  }

  async function renew(): Promise<void> {
    const now = clock.now();
    // Also when the wall clock was set back: a lease must not outlast its worker by as much.
    if (riding.size === 0 || Math.abs(now - renewedAt) < leaseMs / 3) return;
    const ours = new Set(await store.renew(owner, now + leaseMs, [...riding.keys()]));
    renewedAt = now;
    for (const [id, { ride }] of riding) if (!ours.has(id)) ride.stop.abort('lease-lost');
  }

  /** A full disk, or no file descriptor left: told once, and gone on from as soon as it can be, without a restart. */
  async function round(): Promise<void> {
    try {
      await renew();
      if (store.changed() || Math.abs(clock.now() - lookedAt) >= LOOK_ANYWAY_MS) await tick();
      trouble = null;
    } catch (thrown) {
      const error = asBotError(thrown);
      if (error.code !== trouble) log.error({ code: error.code, err: thrown }, `Jobs stand still: ${error.message}`);
      trouble = error.code;
    }
  }

  return {
    tick,
    run: async () => {
      const bell = createBell(clock);
      const silence = store.onWrite(bell.ring);
      while (!stopped.signal.aborted) {
        await round();
        await bell.wait(LOOK_ANYWAY_MS, stopped.signal);
        await clock.sleep(SETTLE_MS, stopped.signal);
      }
      silence();
    },
    drain: async () => {
      stopped.abort();
      for (const { ride } of riding.values()) ride.stop.abort('drain');
      await Promise.all([...riding.values()].map(({ done }) => done));
      await store.release(owner);
    },
    idle: async () => {
      while (riding.size > 0) await Promise.all([...riding.values()].map(({ done }) => done));
    },
  };
}
