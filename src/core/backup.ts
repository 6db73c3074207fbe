// A backup, as the database remembers it, and the port that makes, proves and restores one.

import type { Environment } from './config.ts';
import type { Instant } from './time.ts';

/** Why a backup was made: `pre-deploy` ones are pinned, `safety` ones precede a rollback. */
export type BackupKind = 'manual' | 'nightly' | 'pre-deploy' | 'safety';

/** A zip + sha256 + manifest, as the database remembers it. The files on disk are the truth; this is what we know about them. */
export interface Backup {
  /** File name inside `<root>/backups`, e.g. `dhash_20261123_140509_v2.1.0.zip`. */
  readonly file: string;
  readonly environment: string;
  readonly tag: string;
  readonly commit: string;
  readonly kind: BackupKind;
  readonly createdAt: Instant;
  readonly bytes: number;
  /** Lower-case hex of the whole zip, sealed at creation and never regenerated. */
  readonly sha256: string;
  /** When the bytes, every entry's CRC and every manifest hash were last found right; null when the last look failed. */
  readonly verifiedAt: Instant | null;
}

export interface BackupMade {
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  readonly sha256: string;
}

/** What `manifest.json` inside the zip says, with what verification found. */
export type Verified =
  | {
      readonly kind: 'verified';
      readonly purpose: BackupKind;
      readonly tag: string;
      readonly commit: string;
      readonly createdAt: Instant;
      /** The job that made it, where one did. */
      readonly job: string | null;
      readonly bytes: number;
      readonly files: number;
      readonly sha256: string;
    }
  | { readonly kind: 'broken'; readonly code: string; readonly detail: string };

export interface Backups {
  /**
   * Writes `<root>/backups/dhash_<UTC>_<tag>.zip` and its `.sha256`: temp name, hash while writing, fsync, rename. `release` null = shared data
   * and VERSION only. Throws BotError `disk-full` before anything is written when the estimate does not fit.
   */
  readonly create: (create: {
    readonly environment: Environment;
    readonly release: string | null;
    readonly tag: string;
    readonly commit: string;
    readonly kind: BackupKind;
    readonly at: Instant;
    /** A job that was interrupted finds its own backup again, and takes no other for it. */
    readonly job?: string;
    readonly signal: AbortSignal;
    /** Asked when it is ready, right before it shows under its name: what this throws leaves nothing behind. */
    readonly mayShow?: () => Promise<void>;
  }) => Promise<BackupMade>;
  /** Re-reads everything: sidecar, whole hash, every CRC, manifest hashes, sizes, limits. `checksum` looks only at sidecar and whole hash (emergency). Never throws for a bad file. */
  readonly verify: (environment: Environment, file: string, depth: 'full' | 'checksum', signal: AbortSignal) => Promise<Verified>;
  /** Unpacks the release part as `<root>/releases/<tag>-<id>` (temp + rename), from the very bytes that were verified; with `data` also the shared part, replacing what is there. */
  readonly restore: (restore: {
    readonly environment: Environment;
    readonly file: string;
    readonly id: string;
    readonly data: boolean;
    readonly signal: AbortSignal;
  }) => Promise<{ readonly release: string; readonly tag: string; readonly commit: string }>;
  /** File names on disk, newest first; never a temporary one. */
  readonly list: (environment: Environment) => Promise<readonly { readonly file: string; readonly bytes: number }[]>;
  readonly remove: (environment: Environment, file: string) => Promise<void>;
  /** Newest modification time under shared/, for "how much newer data is lost"; null when empty. */
  readonly newestData: (environment: Environment) => Promise<Instant | null>;
}
