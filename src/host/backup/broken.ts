// What can be wrong with a backup itself. Thrown while reading, turned into the value `broken` by verify.

import { BotError } from '../../core/error.ts';

/** Stable: people search for them. */
const BROKEN_CODES = [
  'bad-kind',
  'bad-name',
  'bad-parent',
  'bomb',
  'checksum-mismatch',
  'duplicate',
  'encrypted',
  'entry-crc',
  'entry-data',
  'entry-hash',
  'entry-missing',
  'entry-not-in-manifest',
  'entry-size',
  'header-mismatch',
  'link-escape',
  'manifest-form',
  'manifest-mismatch',
  'manifest-missing',
  'missing',
  'not-a-backup-name',
  'not-a-file',
  'other-backup',
  'sidecar-bom',
  'sidecar-case',
  'sidecar-crlf',
  'sidecar-empty',
  'sidecar-form',
  'sidecar-lines',
  'sidecar-missing',
  'sidecar-other-file',
  'too-many-entries',
  'truncated',
  'unexpected-entry',
  'unreadable',
  'zip-overlap',
  'zip-structure',
] as const;

export type BrokenCode = (typeof BROKEN_CODES)[number];

const HINT = 'Never regenerate its checksum: choose another backup, or make a new one with `backup create`.';
const thrown = new WeakSet<Error>();

export function broken(code: BrokenCode, detail: string, cause?: unknown): BotError {
  const error = new BotError({ code, message: detail, hint: HINT, cause });
  thrown.add(error);
  return error;
}

/** True for a defect of the backup, false for trouble with the host. */
export function isBroken(error: unknown): error is BotError & { readonly code: BrokenCode } {
  return error instanceof BotError && thrown.has(error);
}
