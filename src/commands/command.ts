// What a verb is made of. One file declares one verb; registry.ts lists them in reading order.

import type { Actor } from '../core/actor.ts';
import type { Config } from '../core/config.ts';
import type { Ports } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { RawRequest, Reply, Wish } from '../core/wish.ts';
import type { Permission } from './entitled.ts';
import type { FlagSpec, Words } from './words.ts';

export interface CommandContext {
  readonly raw: RawRequest;
  readonly actor: Actor;
  readonly config: Config;
  readonly store: Store;
  readonly ports: Ports;
  readonly now: Instant;
  /** Whether the actor is Ops/SRE, found while authorizing. */
  readonly ops: boolean;
}

export interface Command {
  readonly name: string;
  /** Behind `/dhash ` and `bin/dhash `. */
  readonly usage: string;
  readonly summary: string;
  readonly permission: Permission;
  /** Changes the world, so in Slack it is only taken in the ops channel. */
  readonly changes: boolean;
  readonly flags: FlagSpec;
  /** How many words may follow the verb. */
  readonly words: number;
  readonly run: (context: CommandContext, words: Words) => Promise<Reply>;
  /** What its button does, when it has one. */
  readonly press?: (context: CommandContext, button: Button) => Promise<Reply>;
}

export type Button = Extract<Wish, { kind: 'button' }>;
