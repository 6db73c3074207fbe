// What `bin/dhash` alone says.

import type { Command } from '../commands/command.ts';

/** Verbs of the program itself, beside those that Slack has too. */
export const PROGRAM_VERBS = [
  { usage: 'start [--role bot|worker|all]', summary: 'Run the bot' },
  { usage: 'demo [--script]', summary: 'A local Slack, a sample service and the bot, ready to click' },
  { usage: 'config check', summary: 'Read dhash.yml and say everything that is wrong with it' },
  { usage: 'manifest [--http https://...]', summary: "Print the Slack app's manifest" },
  {
    usage: 'golden check|generate|approve --game G --in FILE',
    summary: 'A video against its golden set, or a new set (exit 0 pass, 2 failed, 1 could not run)',
  },
  { usage: 'audit verify|export', summary: 'Check or print the hash-chained log' },
] as const;

export function helpText(commands: readonly Pick<Command, 'usage' | 'summary'>[]): readonly string[] {
  const rows = [...commands, ...PROGRAM_VERBS];
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  return [
    'dhash - deploys, watches and rolls back a service, from Slack or from here',
    '',
    ...rows.map(({ usage, summary }) => `  bin/dhash ${usage.padEnd(width)}  ${summary}`),
    '',
    '  --json prints one line of JSON. --env and --tag may be written instead of the words in their places.',
    '  Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused.',
    '  DHASH_CONFIG names the configuration (default ./dhash.yml).',
  ];
}
