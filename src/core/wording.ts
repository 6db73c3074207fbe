// A site's own wording: plain text with {{names}} of known facts. No sections, partials or code: a text, and nothing that runs.

import Mustache from 'mustache';
import { COMMON_FIELDS, NOTICE_FIELDS, type NoticeName, type Wording } from './notice.ts';
import { findPlaceholders } from './placeholders.ts';
import { closest } from './suggest.ts';

/** The names that the wording of a notice may use. */
function knownNames(notice: NoticeName): readonly string[] {
  return [...COMMON_FIELDS, ...NOTICE_FIELDS[notice]];
}

/** What is wrong with a text for this notice; null = nothing. */
export function wordingFault(notice: NoticeName, text: string): string | null {
  const known = knownNames(notice);
  let tokens: ReturnType<typeof Mustache.parse>;
  try {
    tokens = Mustache.parse(text);
  } catch (thrown) {
    return `cannot be read (${thrown instanceof Error ? thrown.message : String(thrown)}), write {{name}} for a fact`;
  }
  for (const [kind, name] of tokens) {
    if (kind === 'text' || kind === '!') continue;
    if (kind !== 'name') return `has {{${kind}${name}}}, which is more than a fact, write {{name}} and nothing else in braces`;
    if (known.includes(name)) continue;
    const near = closest(name, known);
    return near === null
      ? `{{${name}}} is not known here, known are: ${known.join(', ')}`
      : `{{${name}}} is not known here, did you mean {{${near}}}?`;
  }
  return null;
}

/** The text with its facts; they come in as they are, so whoever shows it escapes it. */
export function fillWording(text: string, facts: Readonly<Record<string, string>>): string {
  return Mustache.render(text, facts, undefined, { escape: String });
}

/**
 * Words that a template had and nobody filled in: in the wording itself, and facts that are one as a whole. A fact that merely holds such a word, like
 * "[ENOENT] no such file", is what a program said.
 */
export function unfilled({ title, text }: Wording, facts: Readonly<Record<string, string>>): readonly string[] {
  const own = [title, text].flatMap((part) => (part === null ? [] : findPlaceholders(part).map(({ word }) => word)));
  const used = [title, text].flatMap((part) => (part === null ? [] : namesIn(part)));
  const values = used.flatMap((name) =>
    findPlaceholders(facts[name] ?? '').some(({ word }) => word === facts[name]?.trim()) ? [facts[name] ?? ''] : [],
  );
  return [...new Set([...own, ...values])];
}

function namesIn(text: string): readonly string[] {
  return Mustache.parse(text).flatMap(([kind, name]) => (kind === 'name' ? [name] : []));
}
