// What a template had and nobody filled in. Such a text is neither sent nor deployed with.

export interface Placeholder {
  /** One-based. */
  readonly line: number;
  readonly word: string;
}

// `$RELEASE_TAG`, `${RELEASE_TAG}` and `RELEASE_TAG=` are a shell's use of the variable, `[API](/link)` is a link and `[X]` a ticked box.
const PLACEHOLDER =
  /(?<![\w$]|\$\{)(?:@?DEPLOY_LEAD|RELEASE_TAG)(?![\w=])|\[[A-Z][A-Z0-9_ /:-]{0,62}[A-Z0-9]\](?!\((?:https?:|mailto:|[/#.]))/g;

/** `RELEASE_TAG`, `@DEPLOY_LEAD`, `[DATE]` and any other `[UPPER_CASE]`, in reading order. */
export function findPlaceholders(text: string): readonly Placeholder[] {
  return text.split('\n').flatMap((line, index) => [...line.matchAll(PLACEHOLDER)].map(([word]) => ({ line: index + 1, word })));
}
