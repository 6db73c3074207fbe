// What people read, before any surface has laid it out. Surfaces decorate by tone; they never add facts.

import type { Instant } from '../core/time.ts';
import type { ButtonVerb } from '../core/wish.ts';

/** A run of text. Plain strings come from anywhere and are always escaped by the surface. */
export type Span =
  | string
  | { readonly code: string }
  | { readonly strong: string }
  /** A Slack user id; a surface that cannot mention shows the name. */
  | { readonly person: string; readonly name?: string }
  /** A Slack user group id, or a role's name where there is no id. Pings: only for escalation. */
  | { readonly group: string; readonly name: string }
  | { readonly time: Instant }
  | { readonly link: string; readonly label: string };

export type Line = readonly Span[];

export type Tone = 'info' | 'progress' | 'waiting' | 'good' | 'warn' | 'bad';

export interface Fact {
  readonly label: string;
  readonly value: Line;
}

/** A button. `value` is everything the server needs to judge the click again. */
export interface Action {
  /** Exactly what stands on the button: Approve, Reject, Rollback now, Roll back now, Acknowledge, Snooze 10 min, Cancel. */
  readonly label: string;
  readonly verb: ButtonVerb;
  readonly value: ActionValue;
  readonly style: 'primary' | 'danger' | 'plain';
  /** The facts to confirm before it acts; null = it changes nothing that needs it. */
  readonly confirm: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string } | null;
}

export interface ActionValue {
  /** The request that the button belongs to. */
  readonly request: string;
  /** approve: the digest on the card. rollback: the deployment it would leave. ack: the gate. cancel: the countdown it stops. */
  readonly expect: string | null;
  readonly environment: string;
  /** rollback: `--emergency` and the like, chosen before. */
  readonly flags?: readonly string[];
}

/** A step in the card's list. */
export interface StepLine {
  readonly title: string;
  readonly state: 'done' | 'running' | 'failed' | 'waiting' | 'todo' | 'undone';
  readonly note: string | null;
}

export interface Message {
  readonly tone: Tone;
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly lines: readonly Line[];
  readonly steps: readonly StepLine[];
  /** Share of work done, 0..1, and when it should end; null = nothing to show. */
  readonly progress: { readonly done: number; readonly etaAt: Instant | null } | null;
  /** Untrusted output, shown as a block. */
  readonly tail: readonly string[];
  readonly actions: readonly Action[];
  /** Small print under everything: the next command to type. */
  readonly footer: Line;
}

const EMPTY = { facts: [], lines: [], steps: [], progress: null, tail: [], actions: [], footer: [] } as const;

/** A message with only what was given. */
export function message(tone: Tone, title: string, rest: Partial<Omit<Message, 'tone' | 'title'>> = {}): Message {
  return { ...EMPTY, tone, title, ...rest };
}

/** What the thread is told of one event; `broadcast` = the channel as well. */
export interface ThreadNews {
  readonly content: Message;
  readonly broadcast: boolean;
}

export const quiet = (content: Message): ThreadNews => ({ content, broadcast: false });
export const loud = (content: Message): ThreadNews => ({ content, broadcast: true });

/** What a projection wants told. `key` makes each telling unique: told once, however often it is projected. */
export interface Posting {
  readonly key: string;
  readonly at: Instant;
  readonly content: Message;
  readonly where: /** The request's card, edited in place; later cards replace earlier ones that were not sent yet. */
    | { readonly kind: 'card'; readonly request: string }
    /** A reply in the request's thread, also shown in the channel when `broadcast`. */
    | { readonly kind: 'thread'; readonly request: string; readonly broadcast: boolean };
}
