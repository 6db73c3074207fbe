// What a verb of the program itself is made of. One file carries one verb; registry.ts lists them in reading order.

import { resolve } from 'node:path';
import type { ExitCode } from '../cli/exit.ts';
import type { Output, Stream } from '../cli/output.ts';
import { isRefusal } from '../commands/environment.ts';
import { type FlagSpec, parseWords } from '../commands/words.ts';
import { type Loaded, loadConfig } from '../config/load.ts';
import { BotError } from '../core/error.ts';
import type { Files } from '../core/ports.ts';
import { isValidCron } from '../host/schedule.ts';

export interface ProgramOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  /** Where package.json, manifest.yml and demo/ are. */
  readonly projectDir: string;
  readonly readText: Files['read'];
  readonly output: Output;
  /** For a page that is drawn over; without it everything is told line by line. */
  readonly stdout?: Stream;
  readonly stderr: { readonly write: (text: string) => unknown };
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly onUnhandled: (report: (thrown: unknown) => void) => void;
}

export type RunVerb = (options: ProgramOptions, words: readonly string[]) => Promise<ExitCode>;

export interface Verb {
  readonly name: string;
  /** Behind `bin/dhash `. */
  readonly usage: string;
  readonly summary: string;
  /** Loaded only when it is said: a verb that reads one file must not wait for Slack and SQLite. */
  readonly load: () => Promise<RunVerb>;
}

export function load({ env, readText }: ProgramOptions): Promise<Loaded> {
  return loadConfig({ path: resolve(env['DHASH_CONFIG'] ?? 'dhash.yml'), readText, env, isValidCron });
}

export function flagsOf(words: readonly string[], flags: FlagSpec, line: string): Readonly<Record<string, string | true>> {
  const parsed = parseWords(words, flags, line, 0);
  if (isRefusal(parsed)) throw new BotError({ code: 'usage', message: parsed.message, hint: parsed.hint });
  return parsed.flags;
}

export function usage(line: string): BotError {
  return new BotError({ code: 'usage', message: `Write: ${line}`, hint: null });
}
