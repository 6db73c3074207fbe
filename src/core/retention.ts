// Which backups may go: a pure decision, so that it can be read, tested and shown before it is done.

import type { Backup } from './backup.ts';
import { type DurationMs, formatDuration, type Instant } from './time.ts';

export interface RetentionRules {
  readonly keepMs: DurationMs;
  readonly keepLastGood: number;
  /** File names that a live deployment, a running job or a watch may roll back to. */
  readonly pinned: readonly string[];
  readonly now: Instant;
}

export interface Prunable {
  readonly file: string;
  readonly why: string;
}

/**
 * Oldest first. Kept are: what is younger than `keepMs` or dated in the future (the clock was set back), what is pinned, the newest
 * `keepLastGood` verified ones beside those, always the last verified one, and the newest one of all.
 */
export function choosePrunable(backups: readonly Backup[], rules: RetentionRules): readonly Prunable[] {
  const newestFirst = [...backups].sort((one, other) => other.createdAt - one.createdAt || (one.file < other.file ? 1 : -1));
  const kept = new Set([...newestFirst.slice(0, 1), ...lastGood(newestFirst, rules)].map(({ file }) => file));
  return newestFirst
    .filter(({ file, createdAt }) => createdAt < rules.now - rules.keepMs && !rules.pinned.includes(file) && !kept.has(file))
    .map((backup) => ({ file: backup.file, why: whyOf(backup, rules) }))
    .reverse();
}

// One that is dated in the future counts for nothing: a clock that ran ahead must not push the good ones out.
function lastGood(newestFirst: readonly Backup[], { keepLastGood, pinned, now }: RetentionRules): readonly Backup[] {
  const verified = newestFirst.filter(({ verifiedAt, createdAt }) => verifiedAt !== null && createdAt <= now);
  const unpinned = verified.filter(({ file }) => !pinned.includes(file));
  return [...verified.slice(0, 1), ...unpinned.slice(0, keepLastGood)];
}

function whyOf({ verifiedAt }: Backup, { keepMs, keepLastGood }: RetentionRules): string {
  const age = `older than ${formatDuration(keepMs)}`;
  return verifiedAt === null ? `${age} and not verified` : `${age} and not among the last ${keepLastGood} verified`;
}
