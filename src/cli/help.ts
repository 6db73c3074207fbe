// What `bin/dhash` alone says.

import type { Command } from '../commands/command.ts';

type Row = Pick<Command, 'usage' | 'summary'>;

/** `verbs` are those of the program itself, beside the commands that Slack has too. */
export function helpText(commands: readonly Row[], verbs: readonly Row[]): readonly string[] {
  const rows = [...commands, ...verbs];
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  return [
    'dhash - deploys, watches and rolls back a service, from Slack or from here',
    '',
    ...rows.map(({ usage, summary }) => `  bin/dhash ${usage.padEnd(width)}  ${summary}`),
    '',
    '  bin/dhash status --watch keeps the status on the terminal until Ctrl-C.',
    '  --json prints one line of JSON. --env and --tag may be written instead of the words in their places.',
    '  Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 refused.',
    '  DHASH_CONFIG names the configuration (default ./dhash.yml).',
  ];
}
