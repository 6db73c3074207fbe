// What GitHub knows about a branch and a commit, as plain facts. What could not be read says why, and is never taken for "nothing there".

import type { Instant } from './time.ts';

/** Why an answer is missing. */
export type UnreadCode =
  /** The token is wrong or has expired, or one is needed. */
  | 'not-authorized'
  /** The token may not read this. */
  | 'forbidden'
  /** Not there, or hidden from this token: GitHub says the same for both. */
  | 'not-found'
  | 'rate-limited'
  | 'unreachable'
  | 'outage'
  /** An answer that is none of GitHub's: HTML, another form, a redirect to another host. */
  | 'bad-answer'
  | 'too-many';

export interface Unread {
  readonly code: UnreadCode;
  /** One sentence, without a secret in it. */
  readonly detail: string;
  readonly hint: string | null;
  /** When asking again may help; null = not by itself. */
  readonly askAgainAt: Instant | null;
}

export type Read<T> = { readonly kind: 'read'; readonly value: T } | ({ readonly kind: 'unread' } & Unread);

/** A check that merging into the branch requires. */
export interface ProtectedCheck {
  readonly name: string;
  /** The app it must come from, by id; null = the rule names none. */
  readonly appId: number | null;
  readonly by: 'protection' | 'ruleset';
}

export interface Protection {
  /** Of classic protection and of every active ruleset, merged. */
  readonly checks: readonly ProtectedCheck[];
  /** What could not be read of it: the list above may then lack something. */
  readonly unread: readonly Unread[];
}

export type CheckConclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'stale'
  | 'startup_failure';

export interface CheckRun {
  /** Grows: a rerun has a higher one. */
  readonly id: number;
  readonly name: string;
  readonly app: { readonly id: number; readonly slug: string } | null;
  /** null = not over yet. */
  readonly conclusion: CheckConclusion | (string & {}) | null;
  readonly startedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly url: string | null;
}

export interface CommitStatus {
  readonly id: number;
  readonly name: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly by: string | null;
  readonly at: Instant;
  readonly url: string | null;
}

/** `absent` = GitHub does not have the commit (or it shares no history with the branch). */
export type Reach = 'on-branch' | 'not-on-branch' | 'absent';

export interface PullRequest {
  readonly number: number;
  readonly author: string | null;
  readonly url: string | null;
  /** In the order in which they were given. */
  readonly reviews: readonly { readonly by: string | null; readonly state: string }[];
}

/** Every method answers with a value, also when GitHub is away; `unread` says why. */
export interface Github {
  readonly protection: (ask: {
    readonly repository: string;
    readonly branch: string;
    readonly signal: AbortSignal;
  }) => Promise<Read<Protection>>;
  readonly checkRuns: (ask: AskCommit) => Promise<Read<readonly CheckRun[]>>;
  /** Newest first. */
  readonly statuses: (ask: AskCommit) => Promise<Read<readonly CommitStatus[]>>;
  readonly reach: (ask: AskCommit & { readonly branch: string }) => Promise<Read<Reach>>;
  /** The pull requests through which the commit came into the branch, merged ones only. */
  readonly pulls: (ask: AskCommit & { readonly branch: string }) => Promise<Read<readonly PullRequest[]>>;
}

export interface AskCommit {
  /** owner/name */
  readonly repository: string;
  readonly commit: string;
  readonly signal: AbortSignal;
}
