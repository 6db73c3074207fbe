import type { Actor } from './actor.ts';
import type { Instant } from './time.ts';

/** Who holds an environment. One row per environment; a deploy holds it from its request until smoke and markers are done. */
export interface Lock {
  readonly environment: string;
  /** A request id, or `person:<user id>` for a lock somebody set by hand. */
  readonly holder: string;
  readonly by: Actor;
  /** "deploy of v2.1.0", or the reason a person gave. */
  readonly reason: string;
  readonly since: Instant;
}
