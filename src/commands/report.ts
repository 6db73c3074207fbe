import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';

const LONGEST_TEXT = 500;

/** What a person sees outweighs what a probe measures, so everybody may say it. */
export const report: Command = {
  name: 'report',
  usage: 'report [environment] <what you see>',
  summary: 'Report a problem with what is live; two people who do warn the on-call',
  permission: 'anyone',
  changes: true,
  flags: { env: 'value' },
  words: 200,
  run: async (context, { positionals: [first, ...rest], flags }) => {
    const named = flags['env'] ?? (first !== undefined && Object.hasOwn(context.config.environments, first) ? first : undefined);
    const environment = environmentOf(context, named);
    if (isRefusal(environment)) return environment;
    const words = named !== undefined && named === first ? rest : [first ?? '', ...rest];
    return noteReport(context, environment.name, words.join(' '));
  },
  press: async (context, button) => {
    const environment = environmentOf(context, button.environment);
    return isRefusal(environment) ? environment : noteReport(context, environment.name, button.input ?? '');
  },
};

/** It belongs to the watch that runs, else to what is live: there somebody reads it. */
async function noteReport(context: CommandContext, environment: string, said: string): Promise<Reply> {
  const { actor, now, store } = context;
  const text = said.trim().slice(0, LONGEST_TEXT);
  if (text === '')
    return refuse('usage', 'what do you see? A report needs a few words', `/dhash report ${environment} uploads hang at 99 %`);
  const watching = (await store.jobs({ environment, open: true })).find(({ name }) => name === 'monitor');
  const requestId = watching?.requestId ?? (await store.liveDeployment(environment))?.requestId;
  if (requestId === undefined)
    return refuse('no_live_release', `nothing is live in ${environment} that was deployed from here`, 'Tell the people on call directly.');
  const told = await store.eventsOf(requestId);
  // Handed in twice by a surface that was cut off in between.
  const twice = told.some((each) => each.type === 'problem.reported' && each.actor?.id === actor.id && each.data.text === text);
  if (!twice) {
    const scope = { environment, requestId, jobId: watching?.id ?? null, actor };
    await store.commit([], [event(scope, 'problem.reported', { text })], now);
  }
  const where = watching === undefined ? 'no watch runs any more, so call the on-call if it is urgent' : 'the watch counts it';
  return { kind: 'done', note: `your report about ${environment} is in the thread of ${requestId}: ${where}`, requestId };
}
