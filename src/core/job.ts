// Terminology, in the order of a job's life:
//   request  what someone asked, with its approvals
//   job      one durable piece of work, carried by whichever worker holds its lease
//   step     one checkpoint of a job, from a declared list
//   attempt  one try of a step
//   lease    the right to carry a job, renewed while its worker lives
//   turning back  a job that failed or was canceled runs its `back` list, also step by step

import type { Config, Environment } from './config.ts';
import type { NewEvent } from './event.ts';
import type { Json } from './json.ts';
import type { Ports } from './ports.ts';
import type { Change, StoreReader } from './store.ts';
import type { DurationMs, Instant } from './time.ts';

/** The last three stand beside a watch: timers, and the proof that the way back is open. */
export type JobName = 'deploy' | 'rollback' | 'backup' | 'smoke' | 'monitor' | 'arm' | 'countdown' | 'escalation';
export type JobState = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'canceled';

/** Why a step did not work, told so that a person can act on it. */
export interface StepFailure {
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** Last lines of what the step's command printed. */
  readonly tail: readonly string[];
}

export interface Cancel {
  readonly by: string;
  readonly reason: string;
  /** A rollback takes the environment over: the job turns back even where a person's cancel comes too late. */
  readonly force: boolean;
}

export interface Job {
  readonly id: string;
  readonly name: JobName;
  readonly requestId: string;
  readonly environment: string;
  readonly input: Json;
  readonly state: JobState;
  readonly direction: 'forward' | 'back';
  /** Name of the next (or running) step in the list of the present direction; null = the list is done and the job is to be ended. */
  readonly step: string | null;
  /** 0 before the step was first started; counts attempts after that. */
  readonly attempt: number;
  /** When the step's first attempt began: names made from it survive a crash. */
  readonly stepStartedAt: Instant | null;
  /** True between a started attempt and its end: after a crash this step was in flight. */
  readonly inFlight: boolean;
  /** Step name -> output. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** What a long step saved on its way. */
  readonly checkpoint: Json;
  readonly failure: StepFailure | null;
  readonly cancel: Cancel | null;
  readonly owner: string | null;
  readonly leaseUntil: Instant | null;
  /** For a waiting job: when to look again at the latest, and why it waits. */
  readonly wakeAt: Instant | null;
  readonly waitReason: string | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly version: number;
}

/** Written in the same transaction as the step's end. */
export interface Together {
  readonly changes?: readonly Change[];
  readonly events?: readonly NewEvent[];
}

export type StepOutcome =
  /** `note` is what a person reads behind the step's title: "412 MB in 9s". */
  | ({ readonly kind: 'done'; readonly output: Json; readonly note?: string } & Together)
  /** Look again at `until`, or when somebody wakes the job. */
  | ({ readonly kind: 'wait'; readonly until: Instant; readonly why: string } & Together)
  /** Go back to an earlier step and forget the outputs from there on. */
  | ({ readonly kind: 'rewind'; readonly to: string } & Together)
  /** An expected failure; unexpected ones are thrown. */
  | ({ readonly kind: 'failed'; readonly failure: Omit<StepFailure, 'step'> } & Together)
  /** Nothing more to do: the job ends here, the remaining steps are skipped and nothing is undone. */
  | ({ readonly kind: 'finish'; readonly as: 'succeeded' | 'canceled'; readonly output: Json } & Together);

/** What looking at the host found about a step that was in flight when its worker died. */
export type Reconciled = Extract<StepOutcome, { kind: 'done' }> | { readonly kind: 'again' };

export interface StepContext {
  readonly job: Job;
  readonly environment: Environment;
  readonly config: Config;
  readonly ports: Ports;
  readonly store: StoreReader;
  /** Aborts on timeout, on cancel and when the worker drains. */
  readonly signal: AbortSignal;
  /** When the first attempt of this step began. */
  readonly startedAt: Instant;
  /** Adds a line to the job's log file and to the tail a failure shows. */
  readonly log: (line: string) => void;
  /** Saves progress of a long step together with events and changes; throws when the lease is lost. */
  readonly checkpoint: (
    saved: Json,
    more?: { readonly changes?: readonly Change[]; readonly events?: readonly NewEvent[] },
  ) => Promise<void>;
}

interface StepBase {
  readonly name: string;
  /** What a person reads: "Back up the live release". */
  readonly title: string;
  readonly timeoutMs: DurationMs | ((environment: Environment) => DurationMs);
  /** Tries in all; 1 = no retry. */
  readonly attempts: number;
  /** False = this step has nothing to do here and is not part of the plan. Forward steps may only ask the environment and the input. */
  readonly when?: (job: Job, environment: Environment) => boolean;
  readonly run: (context: StepContext) => Promise<StepOutcome>;
}

/** `rerun` steps are idempotent; `reconcile` steps look at the host before anything is repeated. */
export type Step =
  | (StepBase & { readonly afterCrash: 'rerun' })
  | (StepBase & { readonly afterCrash: 'reconcile'; readonly reconcile: (context: StepContext) => Promise<Reconciled> });

export interface JobDefinition {
  readonly name: JobName;
  readonly steps: readonly Step[];
  /** Run in order when a step failed or the job was canceled; each looks at the outputs to see whether it has anything to undo. */
  readonly back: readonly Step[];
  /** A person's cancel is refused from this step on; null = always possible. */
  readonly pointOfNoCancel: string | null;
  /** What ends with the job, in the same transaction: the request's state, the lock, a follow-up job. */
  readonly finish: (ended: EndedJob) => Promise<{ readonly changes: readonly Change[]; readonly events: readonly NewEvent[] }>;
}

export interface EndedJob {
  readonly job: Job;
  readonly outcome: 'succeeded' | 'failed' | 'canceled';
  readonly config: Config;
  readonly store: StoreReader;
  readonly now: Instant;
  readonly ids: Ports['ids'];
}
