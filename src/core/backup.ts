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
