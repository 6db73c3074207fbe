import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Command } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { lockedRefusal } from './open-request.ts';

/** `lock staging REASON` when the first word names an environment, `lock REASON` for the default one. */
export const lock: Command = {
  name: 'lock',
  usage: 'lock [environment] <reason>',
  summary: 'Keep deploys out of an environment; rollbacks still go through',
  permission: 'operate',
  changes: true,
  flags: { env: 'value' },
  words: 200,
  run: async (context, { positionals, flags }) => {
    const { actor, config, now, store } = context;
    const names = flags['env'] === undefined && Object.hasOwn(config.environments, positionals[0] ?? '');
    const environment = environmentOf(context, names ? positionals[0] : flags['env']);
    if (isRefusal(environment)) return environment;
    const reason = positionals
      .slice(names ? 1 : 0)
      .join(' ')
      .trim()
      .slice(0, 300);
    if (reason === '')
      return refuse(
        'usage',
        'why? A lock needs a reason that others can read',
        `/dhash lock ${environment.name} database maintenance until 16:00`,
      );
    const held = { environment: environment.name, holder: `person:${actor.id}`, by: actor, reason, since: now };
    const scope = { environment: environment.name, requestId: null, jobId: null, actor };
    const result = await store.commit([{ kind: 'lock.take', lock: held }], [event(scope, 'lock.taken', { reason })], now);
    if (result.kind === 'locked') return lockedRefusal(result.lock);
    return { kind: 'done', note: `${environment.name} is locked: ${reason}`, requestId: null };
  },
};

export const unlock: Command = {
  name: 'unlock',
  usage: 'unlock [environment]',
  summary: 'Let deploys in again',
  permission: 'operate',
  changes: true,
  flags: { env: 'value' },
  words: 1,
  run: async (context, { positionals: [name], flags }) => {
    const { actor, now, store } = context;
    const environment = environmentOf(context, flags['env'] ?? name);
    if (isRefusal(environment)) return environment;
    const held = await store.lock(environment.name);
    if (held === null) return refuse('not_locked', `${environment.name} is not locked`, null);
    if (!held.holder.startsWith('person:')) return lockedRefusal(held);
    const scope = { environment: environment.name, requestId: null, jobId: null, actor };
    await store.commit(
      [{ kind: 'lock.release', environment: environment.name, holder: held.holder }],
      [event(scope, 'lock.released', { reason: held.reason, heldMs: now - held.since })],
      now,
    );
    const whose = held.by.id === actor.id ? '' : ` (it was ${held.by.name}'s: ${held.reason})`;
    return { kind: 'done', note: `${environment.name} is open again${whose}`, requestId: null };
  },
};
