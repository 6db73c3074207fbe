import { refuse } from '../core/refusal.ts';
import { replayWatch } from '../jobs/replay.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';

const NEWEST = 20;
/** Of the last jobs of an environment, enough to hold that many watches. */
const JOBS = 200;

export const replay: Command = {
  name: 'replay',
  usage: 'replay [environment] [--request ID]',
  summary: 'Judge past watches by the rules of today: which would have gone back, when and by which rule',
  permission: 'anyone',
  changes: false,
  flags: { env: 'value', request: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const id = flags['request'];
    const request = typeof id === 'string' ? await context.store.request(id) : null;
    if (typeof id === 'string' && request === null)
      return refuse('unknown_request', `there is no request "${id.slice(0, 40)}"`, '/dhash history');
    const environment = environmentOf(context, request?.environment ?? flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const asked = request === null ? { environment: environment.name, limit: JOBS } : { requestId: request.id };
    const jobs = (await context.store.jobs(asked)).filter((job) => job.name === 'monitor').slice(0, NEWEST);
    const watches = await Promise.all(jobs.map((job) => replayWatch(context, environment, job)));
    return {
      kind: 'answered',
      answer: { kind: 'replay', environment: environment.name, watches: watches.filter((each) => each !== null) },
    };
  },
};
