// What `bin/dhash` does with its words: the program's own verbs first, everything else the same way as from Slack.

import { EXIT, type ExitCode } from './cli/exit.ts';
import { helpOf, helpText, notAVerb } from './cli/help.ts';
import { COMMANDS } from './commands/registry.ts';
import { asBotError } from './core/error.ts';
import { VERBS } from './verbs/registry.ts';
import type { ProgramOptions } from './verbs/verb.ts';

export async function runProgram(options: ProgramOptions): Promise<ExitCode> {
  try {
    return await dispatch(options);
  } catch (thrown) {
    const error = asBotError(thrown);
    options.output.trouble(`dhash: ${error.message}`);
    if (error.hint !== null) options.output.trouble(error.hint);
    for (const line of error.tail) options.output.trouble(`  | ${line}`);
    return ['usage', 'config-invalid', 'secrets-missing'].includes(error.code) ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(options: ProgramOptions): Promise<ExitCode> {
  const rows = [...COMMANDS, ...VERBS];
  const [name, ...words] = options.argv;
  const say = (lines: readonly string[]): ExitCode => {
    for (const line of lines) options.output.line(line);
    return EXIT.done;
  };
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const [about] = words.filter((word) => !word.startsWith('-'));
    return say(about === undefined ? helpText(COMMANDS, VERBS) : helpOf(about, rows));
  }
  if (!rows.some((row) => row.name === name)) throw notAVerb(name, rows);
  if (words.includes('--help') || words.includes('-h')) return say(helpOf(name, rows));
  const verb = VERBS.find((one) => one.name === name);
  if (verb !== undefined) return (await verb.load())(options, words);
  if (name === 'status' && words.includes('--watch')) return (await import('./verbs/status-watch.ts')).watchStatus(options);
  const { shell } = await import('./verbs/shell.ts');
  return shell(options);
}
