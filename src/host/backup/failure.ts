// Errors as plain facts, to cross between processes, and what the disk's own errors mean to a person.

import { asBotError, BotError, type BotErrorFacts } from '../../core/error.ts';
import { fileTrouble } from '../../core/file-trouble.ts';
import { errnoOf } from '../errno.ts';

/** A quota and a size limit of the process stop a write as a full disk does. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The facts of a BotError for anything thrown while files were read or written. */
export function toFailure(error: unknown): Omit<BotErrorFacts, 'cause'> {
  const code = errnoOf(error);
  if (error instanceof BotError) return { code: error.code, message: error.message, hint: error.hint };
  if (code !== null && FULL.has(code)) return full(code);
  const trouble = fileTrouble(error);
  if (trouble !== null) return trouble;
  if (code !== null)
    return { code: 'backup-io', message: messageOf(error), hint: 'Look at the path and its rights on the host, then try again.' };
  const { message } = asBotError(error);
  return { code: 'unexpected', message, hint: null };
}

function full(code: string): Omit<BotErrorFacts, 'cause'> {
  return {
    code: 'disk-full',
    message: `The disk filled up on the way (${code}); what was half written is removed.`,
    hint: 'Remove old backups or releases, or give the disk more room, then try again.',
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
