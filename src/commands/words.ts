// Typed words -> positionals and flags. One parser for Slack's single string and a shell's argv.

import { type Refusal, refuse } from '../core/refusal.ts';
import { closest } from '../core/suggest.ts';

export interface Words {
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, string | true>>;
}

/** Flag name -> whether it takes a value. */
export type FlagSpec = Readonly<Record<string, 'value' | 'switch'>>;

/** Splits like a shell does with quotes, and like nothing else: no variables, no substitution, no escapes but \" and \\. */
export function tokenize(text: string): readonly string[] | Refusal {
  const tokens: string[] = [];
  // Phones type curly quotes.
  const plain = text.replace(/[\u201c\u201d]/g, '"').replace(/[\u2018\u2019]/g, "'");
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']+))/gy;
  while (plain.slice(pattern.lastIndex).trim() !== '') {
    const from = pattern.lastIndex;
    const match = pattern.exec(plain);
    if (match === null)
      return refuse('usage', `a quote is opened and not closed: ${plain.slice(from).trim()}`, 'Close the quote, or leave it out.');
    const [, double, single, bare] = match;
    tokens.push(double !== undefined ? double.replace(/\\(["\\])/g, '$1') : (single ?? bare ?? ''));
  }
  return tokens;
}

/** Sorts tokens into positionals and known flags; `--flag value` and `--flag=value` are the same. */
export function parseWords(tokens: readonly string[], flags: FlagSpec, usage: string, mostPositionals: number): Words | Refusal {
  const positionals: string[] = [];
  const found: Record<string, string | true> = {};
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (!token.startsWith('--') || token === '--') {
      positionals.push(token);
      continue;
    }
    const [name = '', inline] = splitOnce(token.slice(2), '=');
    const kind = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (kind === undefined) return unknownFlag(name, flags, usage);
    if (kind === 'switch') {
      if (inline !== undefined) return refuse('usage', `--${name} takes no value (got "${inline}")`, usage);
      found[name] = true;
      continue;
    }
    const value = inline ?? tokens[at + 1];
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--')))
      return refuse('usage', `--${name} needs a value`, usage);
    found[name] = value;
    if (inline === undefined) at += 1;
  }
  if (positionals.length <= mostPositionals) return { positionals, flags: found };
  return refuse('usage', `did not expect "${positionals[mostPositionals]}"`, usage);
}

function unknownFlag(name: string, flags: FlagSpec, usage: string): Refusal {
  const near = closest(name, Object.keys(flags));
  return refuse('usage', `--${name} is not known here`, near === null ? usage : `Did you mean --${near}? ${usage}`);
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
