// The one place where work that people ask for is accepted, or refused because somebody holds the environment.

import type { Lock } from '../core/lock.ts';
import { refuse } from '../core/refusal.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { expectedDurations } from '../jobs/expected.ts';
import { type Opening, openingOf } from '../jobs/opening.ts';
import type { CommandContext } from './command.ts';

/** null = somebody wrote first: look again and decide again. */
export async function openRequest(context: CommandContext, opening: Opening & { readonly note: string }): Promise<Reply | null> {
  const { store, ports, actor, now, raw } = context;
  const expected = await expectedDurations(store, opening.environment, opening.job);
  const { request, job, changes, events } = openingOf(opening, { actor, dedupeKey: raw.dedupeKey, now, ids: ports.ids, expected });
  const result = await store.commit(changes, events, now);
  switch (result.kind) {
    case 'committed':
      return { kind: 'accepted', request, jobId: job.id, note: opening.note };
    case 'duplicate': {
      const [first] = await store.jobs({ requestId: result.request.id, limit: 1 });
      return { kind: 'accepted', request: result.request, jobId: first?.id ?? job.id, note: `already asked (${raw.dedupeKey})` };
    }
    case 'locked':
      return lockedRefusal(result.lock);
    case 'stale':
      return null;
  }
}

/** Names who, what and since when. */
export function lockedRefusal(lock: Lock): Reply {
  const byHand = lock.holder.startsWith('person:');
  return refuse(
    'environment_locked',
    `${lock.environment} is held by ${lock.by.name} since ${formatUtc(lock.since)}: ${lock.reason}`,
    byHand
      ? `When it is over: /dhash unlock ${lock.environment}`
      : `See it with /dhash status ${lock.environment}; end it with /dhash cancel ${lock.holder}`,
  );
}
