// The one class for what nobody expected. What is expected is a value: Refusal, CheckResult, StepFailure.

import { fileTrouble } from './file-trouble.ts';

export interface BotErrorFacts {
  /** Stable, kebab-case, never renamed: people search for it. */
  readonly code: string;
  readonly message: string;
  /** What to do next, as a sentence or a command to type. */
  readonly hint: string | null;
  readonly cause?: unknown;
  /** The last lines a command printed, already redacted. */
  readonly tail?: readonly string[];
}

export class BotError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly tail: readonly string[];

  constructor(facts: BotErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'BotError';
    this.code = facts.code;
    this.hint = facts.hint;
    this.tail = facts.tail ?? [];
  }
}

/** Any thrown thing as a BotError; a stranger's error keeps its words and becomes the cause, unless the disk refused: that has words of its own. */
export function asBotError(thrown: unknown, code = 'unexpected'): BotError {
  if (thrown instanceof BotError) return thrown;
  const trouble = fileTrouble(thrown);
  if (trouble !== null) return new BotError({ ...trouble, cause: thrown });
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BotError({ code, message, hint: null, cause: thrown });
}
