// The bot as a function: ports in, one way through. It knows no Slack, no SQLite and no process.

import { glance } from './commands/glance.ts';
import { handle } from './commands/handle.ts';
import type { Config } from './core/config.ts';
import type { Ports } from './core/ports.ts';
import type { Store } from './core/store.ts';
import type { RawRequest, Reply } from './core/wish.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';
import { JOBS } from './jobs/registry.ts';
import { serviceState } from './jobs/service-state.ts';
import { homeMessages, newsIn } from './templates/home.ts';
import type { Message } from './templates/message.ts';
import { replyMessage } from './templates/reply.ts';

export interface App {
  /** Words or a click in, an answer out; idempotent by its dedupe key. */
  readonly handle: (raw: RawRequest) => Promise<Reply>;
  readonly word: (reply: Reply) => Message;
  /** Every environment at a glance, for a page that stays open; `news` leaves out what changes with every second. */
  readonly home: () => Promise<{ readonly messages: readonly Message[]; readonly news: string }>;
  readonly engine: Engine;
}

export interface AppParts {
  readonly config: Config;
  readonly store: Store;
  readonly ports: Ports;
  /** Names this process as the holder of leases. */
  readonly owner: string;
  readonly engine: EngineOptions;
}

export function createApp({ config, store, ports, owner, engine }: AppParts): App {
  return {
    handle: (raw) => handle({ config, store, ports }, raw),
    word: replyMessage,
    home: async () => {
      const now = ports.clock.now();
      const found = await Promise.all(
        Object.values(config.environments).map((one) => glance({ store, config, now, gauges: ports.gauges }, one)),
      );
      return { messages: homeMessages(found), news: newsIn(found) };
    },
    engine: createEngine(
      { store, ports, config, definitions: JOBS, owner, look: (environment) => serviceState(ports, environment) },
      engine,
    ),
  };
}
