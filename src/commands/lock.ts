import { event } from '../core/event.ts';
import { refuse } from '../core/refusal.ts';
import type { Reply } from '../core/wish.ts';
import type { Command, CommandContext } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { lockedRefusal } from './open-request.ts';
import { untilSettled } from './retry.ts';

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
    const environment = environmentOf(context, flags['env'] ?? name);
    return isRefusal(environment) ? environment : untilSettled(() => open(context, environment.name));
  },
};

async function open({ actor, now, store }: CommandContext, environment: string): Promise<Reply | null> {
  const held = await store.lock(environment);
  if (held === null) return refuse('not_locked', `${environment} is not locked`, null);
  if (!held.holder.startsWith('person:')) return lockedRefusal(held);
  const scope = { environment, requestId: null, jobId: null, actor };
  const result = await store.commit(
    // Taken from exactly whom it was seen with: of two who open it at once, one did.
    [
      { kind: 'lock.seize', lock: held, from: held.holder },
      { kind: 'lock.release', environment, holder: held.holder },
    ],
    [event(scope, 'lock.released', { reason: held.reason, heldMs: now - held.since })],
    now,
  );
  if (result.kind !== 'committed') return null;
  const whose = held.by.id === actor.id ? '' : ` (it was ${held.by.name}'s: ${held.reason})`;
  return { kind: 'done', note: `${environment} is open again${whose}`, requestId: null };
}
