// Who is in which user group: looked up in the background, so that deciding never waits for Slack, and never guessed.

import { z } from 'zod';
import type { People } from '../core/config.ts';
import type { Clock, Groups, Log } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { Outcome } from './outcome.ts';

export interface GroupCache extends Groups {
  /** Takes over what an earlier run (or another process) learned. Never rejects. */
  readonly load: () => Promise<void>;
  /** Asks Slack for every group once; answers whether all of them answered. */
  readonly refresh: () => Promise<boolean>;
  /** Refreshes every five minutes until the signal aborts. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Takes over every minute what another process learns, until the signal aborts. Never rejects. */
  readonly follow: (signal: AbortSignal) => Promise<void>;
  /** Age of each group's list; null = not known. */
  readonly ages: () => Readonly<Record<string, DurationMs | null>>;
}

export interface GroupOptions {
  readonly ids: readonly string[];
  readonly list: (group: string) => Promise<Outcome<readonly string[]>>;
  readonly store: Pick<Store, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
}

const REFRESH_MS = 300_000;
const FOLLOW_MS = 60_000;
const RETRY_MS = 30_000;
const MAX_AGE_MS = 1_800_000;
/** The group is gone or the workspace has none: what we knew is not true any more. */
const DISPROVED = new Set(['no_such_subteam', 'plan_upgrade_required', 'subteam_not_found']);

const stored = z.object({ members: z.array(z.string()), at: z.number() });

/** The user group ids (S...) among the people, each once. */
export function groupIds(people: People): readonly string[] {
  const { reviewers, ops, deployLead, oncall, mediaEng, engineeringManager } = people;
  const all = [...reviewers, ...ops, deployLead, oncall, mediaEng, engineeringManager];
  return [...new Set(all.filter((id): id is string => id?.startsWith('S') ?? false))];
}

export function createGroups({ ids, list, store, clock, log }: GroupOptions): GroupCache {
  const known = new Map<string, { readonly members: readonly string[]; readonly at: Instant }>();
  const complained = new Map<string, string>();
  /** How long Slack asked to be left alone in the last round. */
  let limitedMs: DurationMs = 0;

  return {
    members: (group) => (ageOf(group) === null ? null : (known.get(group)?.members ?? null)),
    asOf: (group) => (ageOf(group) === null ? null : (known.get(group)?.at ?? null)),
    ages: () => Object.fromEntries(ids.map((id) => [id, ageOf(id)])),
    load,
    refresh,
    run: async (signal) => {
      await load();
      while (!signal.aborted) {
        const complete = await refresh();
        await clock.sleep(complete ? REFRESH_MS : Math.max(RETRY_MS, limitedMs), signal);
      }
    },
    follow: async (signal) => {
      while (!signal.aborted) {
        await load();
        await clock.sleep(FOLLOW_MS, signal);
      }
    },
  };

  function ageOf(group: string): DurationMs | null {
    const found = known.get(group);
    if (found === undefined) return null;
    // A list "from the future" means that the clock was set back: its age is as unknown as that of an old one.
    const age = clock.now() - found.at;
    return Math.abs(age) > MAX_AGE_MS ? null : age;
  }

  async function load(): Promise<void> {
    try {
      for (const id of ids) {
        const kept = await store.get(keyOf(id));
        const read = stored.safeParse(kept);
        if (kept === null) known.delete(id);
        else if (read.success && (known.get(id)?.at ?? 0) < read.data.at) known.set(id, read.data);
      }
    } catch (thrown) {
      log.warn({ err: thrown }, 'The stored user groups could not be read.');
    }
  }

  async function refresh(): Promise<boolean> {
    let complete = true;
    limitedMs = 0;
    for (const id of ids) {
      // The limit is the method's: the other groups would be refused as well.
      if (limitedMs > 0) break;
      try {
        complete = (await refreshOne(id)) && complete;
      } catch (thrown) {
        complete = false;
        log.warn({ group: id, err: thrown }, 'The members of a user group could not be kept.');
      }
    }
    return complete;
  }

  async function refreshOne(id: string): Promise<boolean> {
    const answer = await list(id);
    if (answer.kind === 'ok') {
      const entry = { members: answer.value, at: clock.now() };
      known.set(id, entry);
      complained.delete(id);
      await store.set(keyOf(id), entry);
      return true;
    }
    if (answer.kind === 'limited') limitedMs = answer.retryAfterMs;
    if (DISPROVED.has(answer.code)) {
      known.delete(id);
      await store.set(keyOf(id), null);
    }
    if (complained.get(id) !== answer.code) {
      complained.set(id, answer.code);
      log.warn({ group: id, code: answer.code }, 'Slack did not say who is in this user group; without it approvals by group are refused.');
    }
    return false;
  }
}

/** For a process that does not speak with Slack: what the one that does wrote down, as long as it is fresh enough to count. */
export function createStoredGroups(
  people: People,
  options: Pick<GroupOptions, 'store' | 'clock' | 'log'>,
): Pick<GroupCache, 'asOf' | 'follow' | 'load' | 'members'> {
  return createGroups({ ...options, ids: groupIds(people), list: async () => ({ kind: 'unsent', code: 'not-asked' }) });
}

function keyOf(group: string): string {
  return `slack:group:${group}`;
}
