// What `bin/dhash` alone says: every verb on a line that fits a terminal, and one verb with all it takes.

import { BotError } from '../core/error.ts';
import { closest } from '../core/suggest.ts';

/** A verb, as far as help shows it. */
export interface Row {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
}

/** `verbs` are those of the program itself, beside the commands that Slack has too. */
export function helpText(commands: readonly Row[], verbs: readonly Row[]): readonly string[] {
  const width = Math.max(...[...commands, ...verbs].map(({ name }) => name.length));
  const line = ({ name, summary }: Row) => `  ${name.padEnd(width)}  ${summary}`;
  return [
    'dhash - deploys, watches and rolls back a service, from Slack or from here',
    '',
    'In Slack (/dhash ...) and here (bin/dhash ...):',
    ...commands.map(line),
    '',
    'Only here:',
    ...verbs.map(line),
    '',
    'bin/dhash help VERB shows what a verb takes; bin/dhash status --watch stays on the terminal until Ctrl-C.',
    '--json prints one line of JSON. --env and --tag may be written instead of the words in their places.',
    'Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused.',
    'DHASH_CONFIG names the configuration (default ./dhash.yml).',
  ];
}

/** Needs no configuration and takes no lock: whoever asks how a verb is said must never have said it. */
export function helpOf(name: string, rows: readonly Row[]): readonly string[] {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw notAVerb(name, rows);
  return [`bin/dhash ${row.usage}`, `  ${row.summary}`];
}

export function notAVerb(name: string, rows: readonly Row[]): BotError {
  const near = closest(
    name,
    rows.map((row) => row.name),
  );
  return new BotError({
    code: 'usage',
    message: `"${name.slice(0, 40)}" is not a command`,
    hint: near === null ? 'All of them: bin/dhash help' : `Did you mean bin/dhash ${near}?`,
  });
}
