import type { Slot } from './slot.ts';
import type { Instant } from './time.ts';

/** A release that went live in an environment, and what stood ready to go back to. */
export interface Deployment {
  readonly id: string;
  readonly environment: string;
  readonly kind: 'deploy' | 'rollback';
  readonly tag: string;
  readonly commit: string;
  readonly releasePath: string;
  readonly slot: Slot;
  readonly requestId: string;
  readonly liveAt: Instant;
  /** When another deployment took its place; null while it is live. */
  readonly supersededAt: Instant | null;
  /** File name of the backup pinned as the rollback target, decided when this went live; null when there was nothing before it. */
  readonly rollbackBackup: string | null;
  /** The tag inside that backup. */
  readonly rollbackTag: string | null;
}
