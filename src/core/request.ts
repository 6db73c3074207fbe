// What someone asked, with its approvals.

import type { Actor } from './actor.ts';
import type { Json } from './json.ts';
import type { Instant } from './time.ts';

export type RequestKind = 'deploy' | 'rollback' | 'backup' | 'smoke' | 'monitor';

/** `open` until its job ended; every state after that is final. */
export type RequestState = 'open' | 'succeeded' | 'failed' | 'rejected' | 'expired' | 'canceled';

export interface Approval {
  readonly by: Actor;
  readonly at: Instant;
  /** The digest that was on the card when the person pressed the button. */
  readonly digest: string;
  /** Which seats the person may fill, found when they pressed. */
  readonly ops: boolean;
}

export interface Request {
  /** Short and readable, e.g. `d-7k3f9x`: people type it. */
  readonly id: string;
  readonly kind: RequestKind;
  readonly environment: string;
  /** The release asked for; for a rollback the tag inside the target backup; null for backup, smoke and monitor. */
  readonly tag: string | null;
  readonly by: Actor;
  readonly at: Instant;
  readonly state: RequestState;
  /** What approvals are bound to; null until the checklist has run, and again after it was voided. */
  readonly digest: string | null;
  readonly approvals: readonly Approval[];
  readonly approvalsExpireAt: Instant | null;
  /** The deploy whose thread this was asked in, for a rollback of it. */
  readonly parentId: string | null;
  readonly options: Json;
  /** The surface's own key: asking twice with one key is asking once. */
  readonly dedupeKey: string;
  /** Counts every change; a writer must name the one it read. */
  readonly version: number;
}
