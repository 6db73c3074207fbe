// File names of backups: the date comes first and is fixed-width, so names sort by age.

import { BotError } from '../../core/error.ts';
import { formatUtcCompact, type Instant } from '../../core/time.ts';

const NAME = /^dhash_(\d{8}_\d{6})_([0-9A-Za-z][0-9A-Za-z.-]{0,63})\.zip$/;

export interface BackupName {
  /** `20261123_140509`, UTC. */
  readonly stamp: string;
  readonly tag: string;
}

/** The parts of a backup's file name; null when it is not one (a path, a temporary file, somebody else's zip). */
export function parseBackupName(file: string): BackupName | null {
  const [, stamp, tag] = NAME.exec(file) ?? [];
  if (stamp === undefined || tag === undefined || tag.includes('..')) return null;
  return { stamp, tag };
}

/** `dhash_20261123_140509_v2.1.0.zip`. Throws BotError `bad-tag` for a tag that cannot stand in a file name. */
export function backupName(at: Instant, tag: string): string {
  const name = `dhash_${formatUtcCompact(at)}_${tag}.zip`;
  if (parseBackupName(name) !== null) return name;
  throw new BotError({
    code: 'bad-tag',
    message: `The tag ${JSON.stringify(tag)} cannot stand in a backup's file name.`,
    hint: 'Use letters, digits, dots and hyphens, at most 64 characters.',
  });
}

export function sidecarName(file: string): string {
  return `${file}.sha256`;
}
