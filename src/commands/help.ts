import type { Command } from './command.ts';

export function help(others: readonly Command[]): Command {
  const commands = others.map(({ usage, summary }) => ({ usage, summary }));
  return {
    name: 'help',
    usage: 'help',
    summary: 'This list',
    permission: 'anyone',
    changes: false,
    flags: {},
    words: 20,
    run: async () => ({ kind: 'answered', answer: { kind: 'help', commands: [...commands, { usage: 'help', summary: 'This list' }] } }),
  };
}
