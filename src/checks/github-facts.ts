// What both GitHub checks share: which checks are wanted and from whom, whether the commit can be asked about, and what is said when GitHub does not answer.

import { type CheckResult, error, unknown } from '../core/check.ts';
import type { GithubConfig, RequiredCheck } from '../core/config.ts';
import type { Protection, Read, Unread } from '../core/github.ts';

/** Whose checks count where neither the file nor protection says: others may not put a green look-alike in its place. */
const DEFAULT_APP = 'github-actions';

/** A check with everybody who may report it. */
export interface WantedCheck {
  readonly name: string;
  readonly from:
    | { readonly kind: 'any' }
    | { readonly kind: 'slug'; readonly slug: string }
    /** Each of these rules wants its own. */
    | { readonly kind: 'ids'; readonly ids: readonly number[] };
}

/** The file decides, then protection, then the default. Without a list in the file everything protection requires is wanted. */
export function wantedChecks(declared: readonly RequiredCheck[], protection: Protection): readonly WantedCheck[] {
  const all: readonly RequiredCheck[] =
    declared.length > 0 ? declared : [...new Set(protection.checks.map(({ name }) => name))].map((name) => ({ name, app: null }));
  return all.map(({ name, app }) => {
    if (app === 'any') return { name, from: { kind: 'any' } };
    if (app !== null) return { name, from: { kind: 'slug', slug: app } };
    const ids = [...new Set(protection.checks.filter((check) => check.name === name).flatMap(({ appId }) => appId ?? []))];
    return { name, from: ids.length > 0 ? { kind: 'ids', ids } : { kind: 'slug', slug: DEFAULT_APP } };
  });
}

/** What cannot be asked at all, or null. */
export function unaskable(github: GithubConfig | null, commit: string): CheckResult | null {
  if (github === null) {
    return error(
      'nobody said which repository on GitHub this is',
      'Write the github section in dhash.yml: github: { repository: owner/name }',
    );
  }
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) return null;
  return unknown(
    `the release is an archive (${commit.slice(0, 19)}), and GitHub knows commits only`,
    "Take the release from git (source: { git: ... }), or take branch-protection and ci out of the environment's checklist.",
  );
}

export function notRead(unread: Unread): CheckResult {
  return unknown(unread.detail, unread.hint, unread.askAgainAt);
}

/** The first of them that was not read. */
export function firstUnread(...asked: readonly (Read<unknown> | null)[]): CheckResult | null {
  const missing = asked.find((read) => read?.kind === 'unread');
  return missing?.kind === 'unread' ? notRead(missing) : null;
}
