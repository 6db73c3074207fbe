// What a surface hands in, and what it gets back. Replies are facts; templates word them.

import type { Actor } from './actor.ts';
import type { Backup } from './backup.ts';
import type { Evidence } from './check.ts';
import type { Deployment } from './deployment.ts';
import type { Measure, RollbackOffer } from './event.ts';
import type { FileTrouble } from './file-trouble.ts';
import type { Glance } from './glance.ts';
import type { Job } from './job.ts';
import type { Lock } from './lock.ts';
import type { Refusal } from './refusal.ts';
import type { Request } from './request.ts';
import type { Rule, RuleMode } from './rule.ts';
import type { Seat } from './seats.ts';
import type { DurationMs, Instant } from './time.ts';

export type ButtonVerb = 'approve' | 'reject' | 'rollback' | 'ack' | 'snooze' | 'cancel' | 'report';

export type Wish =
  /** Words as typed after /dhash (one string, quotes and all), or argv from a shell. */
  | { readonly kind: 'words'; readonly text: string | readonly string[] }
  | {
      readonly kind: 'button';
      readonly verb: ButtonVerb;
      readonly request: string;
      readonly environment: string;
      /** approve: the digest on the card. rollback: the deployment it would leave. ack: the gate. cancel: the countdown it stops (null = the request itself). */
      readonly expect: string | null;
      readonly flags: readonly string[];
      /** reject and report: what was typed in the dialog. */
      readonly input: string | null;
    };

export interface RawRequest {
  readonly actor: Actor;
  readonly wish: Wish;
  /** Slack channel id; null from a shell or the schedule. */
  readonly channel: string | null;
  /** The surface's own key: handing in twice with one key has one effect. */
  readonly dedupeKey: string;
}

export type Reply =
  /** Work was accepted; its story is told by events from here on. */
  | { readonly kind: 'accepted'; readonly request: Request; readonly jobId: string; readonly note: string }
  /** Done at once: a click that counted, a lock set. */
  | { readonly kind: 'done'; readonly note: string; readonly requestId: string | null }
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** A typed rollback in Slack shows its facts and wants a second look. */
  | {
      readonly kind: 'confirm';
      readonly offer: RollbackOffer;
      readonly environment: string;
      readonly flags: readonly string[];
      readonly dataNote: string;
      readonly targetMs: DurationMs;
    }
  | Refusal;

export type Answer =
  | { readonly kind: 'help'; readonly commands: readonly { readonly usage: string; readonly summary: string }[] }
  | { readonly kind: 'status'; readonly environments: readonly EnvironmentStatus[] }
  | { readonly kind: 'history'; readonly environment: string; readonly requests: readonly Request[] }
  | {
      readonly kind: 'backups';
      readonly environment: string;
      readonly backups: readonly (Pick<Backup, 'file' | 'bytes' | 'tag' | 'createdAt' | 'verifiedAt'> & { readonly pinned: boolean })[];
    }
  | { readonly kind: 'health'; readonly environment: string; readonly ok: boolean; readonly detail: string }
  | { readonly kind: 'replay'; readonly environment: string; readonly watches: readonly ReplayedWatch[] }
  | { readonly kind: 'plan'; readonly plan: Plan };

/** What the rules of today say of stored samples. */
export interface Replay {
  readonly checks: number;
  readonly met: readonly ReplayedRule[];
  readonly breaches: readonly string[];
  readonly verdict: 'certified' | 'not-certified';
  readonly why: string;
}

export interface ReplayedRule {
  readonly rule: Rule;
  readonly at: Instant;
  readonly afterMs: DurationMs;
  readonly value: string;
  readonly detail: string;
  readonly mode: RuleMode;
}

export interface ReplayedWatch extends Replay {
  readonly requestId: string;
  readonly tag: string;
  readonly from: Instant;
  /** How it ended at the time; null = it has not. */
  readonly ended: 'certified' | 'not-certified' | 'superseded' | null;
}

export interface EnvironmentStatus extends Glance {
  readonly environment: string;
  /** Folders that the next deploy or rollback needs and cannot write. */
  readonly unwritable: readonly FileTrouble[];
  readonly live: Deployment | null;
  readonly lock: Lock | null;
  readonly openJobs: readonly Job[];
  readonly watch: {
    readonly requestId: string;
    readonly tag: string;
    readonly until: Instant;
    readonly checks: number;
  } | null;
  /** The newest verified one. */
  readonly lastBackup: Backup | null;
  /** What the last checklist found; null = none was run lately. */
  readonly checklist: { readonly tag: string; readonly at: Instant; readonly evidence: readonly Evidence[] } | null;
  /** What the last watch measured. */
  readonly measured: { readonly at: Instant; readonly measures: readonly Measure[] } | null;
}

/** What a dry run shows: nothing of it has happened. */
export interface Plan {
  readonly environment: string;
  readonly tag: string;
  readonly commit: string;
  readonly fromTag: string | null;
  readonly steps: readonly { readonly name: string; readonly title: string }[];
  readonly evidence: readonly Evidence[];
  readonly seats: readonly Seat[];
  readonly rollbackTo: string;
  readonly etaMs: DurationMs | null;
}
