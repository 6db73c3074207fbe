import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';

const ROWS = 15;

export const history: Command = {
  name: 'history',
  usage: 'history [environment]',
  summary: 'The last requests and how they ended',
  permission: 'anyone',
  changes: false,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const requests = await context.store.requests({ environment: environment.name, limit: ROWS });
    return { kind: 'answered', answer: { kind: 'history', environment: environment.name, requests } };
  },
};
