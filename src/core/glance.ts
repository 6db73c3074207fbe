// What an environment looks like at one moment: the facts of `status`, of the App Home and of the terminal. Each is one question to the store.

import type { Backup } from './backup.ts';
import type { EventOf, RollbackOffer } from './event.ts';
import type { Job, JobName, JobState } from './job.ts';
import type { Request } from './request.ts';
import type { Rule } from './rule.ts';
import type { DurationMs, Instant } from './time.ts';

/** An open job, as far as people ask about it. */
export interface Work {
  readonly requestId: string;
  readonly name: JobName;
  readonly tag: string | null;
  readonly by: string;
  readonly state: JobState;
  readonly direction: 'forward' | 'back';
  /** The step's title; null = it has not begun, or is about to end. */
  readonly title: string | null;
  /** Steps that are over, of how many. */
  readonly done: number;
  readonly of: number;
  /** When the steps that are left should be over, by how long they took last time; null = unknown, or it waits for people. */
  readonly etaAt: Instant | null;
  readonly waitsFor: string | null;
  /** A person's cancel still turns it back. */
  readonly mayCancel: boolean;
}

/** The watch's curves, oldest first; null = not measured at that moment. Limits are those of the quality gates. */
export interface Trend {
  readonly responseMs: readonly (number | null)[];
  readonly responseLimit: number;
  readonly errorRate: readonly (number | null)[];
  readonly errorLimit: number;
}

/** One deploy or rollback, however it ended. */
export interface Run {
  readonly id: string;
  readonly kind: 'deploy' | 'rollback';
  readonly tag: string | null;
  readonly state: Request['state'];
  readonly by: string;
  readonly at: Instant;
  /** Without the waiting for people; null = it has not ended, or no work was begun. */
  readonly tookMs: DurationMs | null;
}

/** Who is called: a Slack user or user group, by role. */
export interface Contact {
  readonly role: string;
  readonly id: string;
}

export interface Glance {
  /** The moment these facts are of. */
  readonly at: Instant;
  /** Who asked for what is live; null = nothing is, or its request is gone. */
  readonly by: string | null;
  readonly work: readonly Work[];
  /** What the running steps printed last. */
  readonly printing: readonly Progress[];
  readonly trend: Trend | null;
  /** Where Rollback now goes; null = there is nothing to go back to. */
  readonly offer: RollbackOffer | null;
  readonly alarms: Alarms;
  readonly runs: readonly Run[];
  readonly contacts: readonly Contact[];
}

/** What is bad now, and what is being done about it. */
export interface Alarms {
  /** Gates and rules, by name; what cannot be measured. */
  readonly breached: readonly string[];
  readonly blind: readonly string[];
  /** Requests with an alarm that nobody has acknowledged. */
  readonly waiting: readonly string[];
  /** It rolls back by itself at `until`. */
  readonly countdown: {
    readonly request: string;
    readonly id: string;
    readonly rule: Rule;
    readonly fromTag: string;
    readonly until: Instant;
  } | null;
  readonly snoozedUntil: Instant | null;
}

/** What the last gates are read from. */
export type GateEvent = 'checklist.judged' | 'monitor.updated' | 'monitor.ended';

/** A run as it is stored: the request, and when its own job worked. */
export interface StoredRun {
  readonly request: Request;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** Questions that stay as fast with ten thousand runs as with none. */
export interface GlanceReader {
  /** The newest event of this type in the environment, whatever request it belongs to. */
  readonly newestOf: <T extends GateEvent>(environment: string, type: T) => Promise<EventOf<T> | null>;
  readonly newestVerified: (environment: string) => Promise<Backup | null>;
  /** Deploys and rollbacks, newest first. */
  readonly runs: (environment: string, limit: number) => Promise<readonly StoredRun[]>;
  /** What the running step of this request's job printed last; null = nothing, or it is over. */
  readonly progressOf: (requestId: string) => Promise<Progress | null>;
  /** Of all jobs that have something to show now. */
  readonly progress: () => Promise<readonly Progress[]>;
}

/** The one row a job has beside the log while a step of it runs: what it printed last. No part of the audit, gone when the step is over. */
export interface Progress {
  readonly jobId: string;
  readonly requestId: string;
  readonly step: string;
  readonly direction: Job['direction'];
  readonly attempt: number;
  readonly at: Instant;
  /** How many lines the step has printed in all. */
  readonly printed: number;
  /** The last ones, redacted and without control characters. */
  readonly lines: readonly string[];
  /** One sentence each: the slots and the public port. */
  readonly service: readonly string[];
}
