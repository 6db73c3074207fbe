// What the file system's own refusals mean to a person, and what to do next; for whoever reads or writes files.

import { dirname } from 'node:path';

export interface FileTrouble {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

interface Known {
  readonly code: string;
  readonly says: string;
  readonly next: (path: string) => string;
}

const FULL: Known = {
  code: 'disk-full',
  says: 'the disk is full',
  next: (path) => `Make room, then try again: df -h ${dirname(path)}; df -i ${dirname(path)}`,
};

const KNOWN: Readonly<Record<string, Known>> = {
  EROFS: {
    code: 'read-only',
    says: 'the file system is mounted read-only',
    next: () => 'See which and why (findmnt -O ro; dmesg | tail), make it writable, then try again. The bot needs no restart for that.',
  },
  ENOSPC: FULL,
  EDQUOT: FULL,
};

/** null for whatever is no such refusal, or does not name its path. */
export function fileTrouble(thrown: unknown): FileTrouble | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('path' in thrown)) return null;
  const { code, path } = thrown;
  const known = KNOWN[String(code)];
  if (known === undefined || typeof path !== 'string') return null;
  return { code: known.code, message: `${path} cannot be written: ${known.says} (${code})`, hint: known.next(path) };
}

/** The next step alone, by the system's code, for who has words of its own. */
export function fileHint(code: string | null, path: string): string | null {
  return KNOWN[code ?? '']?.next(path) ?? null;
}
