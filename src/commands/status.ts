import type { Environment } from '../core/config.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { glance } from './glance.ts';

export const status: Command = {
  name: 'status',
  usage: 'status [environment]',
  summary: 'What is live, what runs, how it is watched, the last gates, backup and runs, who is on call',
  permission: 'anyone',
  changes: false,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const wanted = flags['env'] ?? name;
    if (wanted === undefined) return answer(context, Object.values(context.config.environments));
    const environment = environmentOf(context, wanted);
    return isRefusal(environment) ? environment : answer(context, [environment]);
  },
};

async function answer(context: CommandContext, environments: readonly Environment[]): Promise<Reply> {
  const found = await Promise.all(environments.map((environment) => glance({ ...context, gauges: context.ports.gauges }, environment)));
  return { kind: 'answered', answer: { kind: 'status', environments: found } };
}
