// Where releases come from: the words that git and archive sources share.

import { BotError } from '../../core/error.ts';
import { isTag } from '../../core/tag.ts';

export interface ReleaseSource {
  /** Tag -> commit, asked now; BotError `unknown-tag` or `source-unreachable`. */
  readonly resolve: (tag: string) => Promise<string>;
  /** Newest first. */
  readonly tags: () => Promise<readonly string[]>;
  /**
   * Puts the files of exactly that commit somewhere under `scratch` (an empty folder) and answers where; BotError `tag-moved` when the tag
   * is another commit by now.
   */
  readonly unpack: (unpack: Unpack) => Promise<string>;
}

export interface Release {
  readonly tag: string;
  readonly commit: string;
}

export interface Unpack {
  readonly tag: string;
  readonly commit: string;
  /** Absolute. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** For the commands it runs: `<key>` names one at a time. */
  readonly key: string;
}

/** Throws `unknown-tag` for a text that is no release tag, before it reaches git or a path. */
export function assertTag(tag: string): void {
  if (isTag(tag)) return;
  throw new BotError({
    code: 'unknown-tag',
    message: `"${tag.slice(0, 80)}" is not a release tag`,
    hint: 'Release tags look like v2.1.0 or v2.1.0-rc.1.',
  });
}

export function unknownTag(tag: string, where: string, known: readonly string[]): BotError {
  return new BotError({
    code: 'unknown-tag',
    message: `There is no tag ${tag} in ${where}`,
    hint:
      known.length === 0
        ? 'It has no release tags at all: push one first.'
        : `Its newest tags: ${known.slice(0, 5).join(', ')}. Push ${tag} first, or choose one of them.`,
  });
}

export function tagMoved(tag: string, expected: string, found: string): BotError {
  return new BotError({
    code: 'tag-moved',
    message: `The tag ${tag} was ${short(expected)} when it was asked for and is ${short(found)} now`,
    hint: `Find out who moved it, then ask again: deploy ${tag}. Approvals count for one commit only.`,
  });
}

function short(commit: string): string {
  return commit.replace(/^(sha256:)?(.{12}).*$/, '$1$2');
}
