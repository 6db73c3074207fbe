// What is wrong with the file, one line a problem: "path: what is wrong (got ...), what to write".

import type { z } from 'zod';
import { BotError } from '../core/error.ts';
import { closest } from '../core/suggest.ts';
import { shown } from './leaf.ts';
import { keysAt } from './shape.ts';

export interface Problem {
  /** "environments.production.root"; a file or a variable where the problem has no place in the file. */
  readonly path: string;
  readonly message: string;
  /** One-based line in its file; null = not to be told. */
  readonly line: number | null;
}

/** Line of the nearest thing that stands in the file, given a path into it. */
export type Locate = (path: readonly PropertyKey[]) => number | null;

/** Zod's issues as problems; unknown keys come one by one, with the known key they resemble. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], schema: z.core.$ZodType, locate: Locate): readonly Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path);
      return issue.keys.map((key) => at([...issue.path, key], unknownKey(key, known), locate));
    }
    const meant = issue.code === 'invalid_union' ? meantForm(issue) : null;
    if (meant !== null) return problemsOf(meant, schema, locate);
    return [at(issue.path, sentence(issue), locate)];
  });
}

/** Everything wrong at once, so that nobody mends a file one error at a time. */
export function configInvalid(
  path: string,
  problems: readonly Problem[],
  hint = 'Mend the lines named, then try: bin/dhash config check',
): BotError {
  const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}${problem.line === null ? '' : ` [line ${problem.line}]`}`);
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new BotError({ code: 'config-invalid', message: `${path} has ${count}:\n${lines.join('\n')}`, hint });
}

function at(path: readonly PropertyKey[], message: string, locate: Locate): Problem {
  return { path: spelled(path), message, line: locate(path) };
}

/** ["smoke", 0, "name"] -> "smoke[0].name" */
function spelled(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.startsWith('.') ? text.slice(1) : text || 'the file';
}

function unknownKey(key: string, known: readonly string[]): string {
  if (/token|secret|password/i.test(key)) return 'is not a key here: secrets come from environment variables, see the README';
  const near = closest(key, known);
  return near === null ? `is not a key here, known are: ${known.join(', ')}` : `is not a key here, did you mean ${near}?`;
}

/** Of several forms the one whose outside fits what was written: its inner problems are the ones to tell. Null when none fits. */
function meantForm(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const inner = issue.errors.find((form) => form.every((fault) => fault.path.length > 0 || fault.code === 'unrecognized_keys'));
  return inner?.map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] })) ?? null;
}

function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_union') return issue.errors[0]?.[0]?.message ?? issue.message;
  if (issue.code !== 'invalid_type') return issue.message;
  const wanted = issue.expected === 'array' ? 'a list' : 'a section with keys of its own';
  return issue.input === undefined ? `is missing, write ${wanted}` : `not ${wanted} (got ${shown(issue.input)}), write ${wanted}`;
}
