// Which workspace and app are ours. Requests of any other have no effect.

import { z } from 'zod';
import { backoffMs } from '../core/backoff.ts';
import type { SlackConfig } from '../core/config.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { Failure } from './outcome.ts';
import type { Web } from './web.ts';

export type Origin =
  | { readonly kind: 'ours' }
  | { readonly kind: 'foreign'; readonly detail: string }
  /** The workspace is not known yet: Slack has never answered auth.test. */
  | { readonly kind: 'unknown' };

export interface Identity {
  /** Judges a payload's `team_id` and `api_app_id`. */
  readonly judge: (body: unknown) => Origin;
  /** Asks auth.test until it answers or the signal aborts. Never rejects. */
  readonly learn: (signal: AbortSignal) => Promise<void>;
  readonly team: () => string | null;
}

export interface IdentityOptions {
  readonly config: SlackConfig;
  readonly appToken: string | null;
  readonly web: Pick<Web, 'whoAmI'>;
  readonly store: Pick<Store, 'get' | 'set'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

const STORE_KEY = 'slack:team';
const RETRY_CAP_MS = 30_000;

const origin = z.object({
  team_id: z.string().nullish(),
  team: z.object({ id: z.string() }).nullish(),
  api_app_id: z.string().nullish(),
});

export function createIdentity(options: IdentityOptions): Identity {
  const { config, store, clock, log } = options;
  // With neither a configured app nor an app token the signing secret already stands for the one app.
  const app = config.app ?? /^xapp-\d+-(A[A-Z0-9]+)-/.exec(options.appToken ?? '')?.[1] ?? null;
  let team = config.team;

  return {
    team: () => team,
    judge: (body) => {
      const read = origin.safeParse(body);
      if (!read.success) return { kind: 'foreign', detail: 'the payload names no team' };
      const { team_id, team: teamObject, api_app_id } = read.data;
      if (app !== null && api_app_id !== app) return { kind: 'foreign', detail: `app ${api_app_id ?? 'unnamed'}` };
      if (team === null) return { kind: 'unknown' };
      const from = team_id ?? teamObject?.id ?? null;
      return from === team ? { kind: 'ours' } : { kind: 'foreign', detail: `team ${from ?? 'unnamed'}` };
    },
    learn: async (signal) => {
      await recall();
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        const failure = await ask();
        if (failure === null) return;
        const limitedMs = failure.kind === 'limited' ? failure.retryAfterMs : 0;
        await clock.sleep(Math.max(limitedMs, backoffMs(attempt, RETRY_CAP_MS, options.random)), signal);
      }
    },
  };

  async function recall(): Promise<void> {
    try {
      const kept = await store.get(STORE_KEY);
      if (team === null && typeof kept === 'string') team = kept;
    } catch (thrown) {
      log.warn({ err: thrown }, 'The known workspace could not be read from the store.');
    }
  }

  /** null = it answered. */
  async function ask(): Promise<Failure | null> {
    const answer = await options.web.whoAmI();
    if (answer.kind !== 'ok') {
      log.warn({ code: answer.code }, 'auth.test did not succeed; the bot keeps asking.');
      return answer;
    }
    if (config.team !== null && config.team !== answer.value.team) {
      log.error(
        { configured: config.team, token: answer.value.team },
        'slack.team is not the workspace of SLACK_BOT_TOKEN; only slack.team is listened to.',
      );
    }
    team = config.team ?? answer.value.team;
    await store.set(STORE_KEY, team).catch((thrown: unknown) => log.warn({ err: thrown }, 'The workspace could not be kept.'));
    log.info({ team }, 'Slack answered auth.test.');
    return null;
  }
}
