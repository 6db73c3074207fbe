// The bot as a function: ports in, one way through. It knows no Slack, no SQLite and no process.

import { join } from 'node:path';
import { glance } from './commands/glance.ts';
import { handle } from './commands/handle.ts';
import type { Config } from './core/config.ts';
import { BotError } from './core/error.ts';
import type { Files, Ports, Reports } from './core/ports.ts';
import type { Store, StoreReader } from './core/store.ts';
import type { RawRequest, Reply } from './core/wish.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';
import { JOBS } from './jobs/registry.ts';
import { serviceState } from './jobs/service-state.ts';
import { homeMessages, newsIn } from './templates/home.ts';
import type { Message } from './templates/message.ts';
import { replyMessage } from './templates/reply.ts';
import { reportOf } from './templates/report.ts';

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
      const found = await Promise.all(Object.values(config.environments).map((one) => glance({ store, config, now }, one)));
      return { messages: homeMessages(found), news: newsIn(found) };
    },
    engine: createEngine(
      { store, ports, config, definitions: JOBS, owner, look: (environment) => serviceState(ports, environment) },
      engine,
    ),
  };
}

/** Reports are drawn from the event log, so the same story gives the same report. */
export function createReports(parts: { readonly store: StoreReader; readonly files: Files; readonly dataDir: string }): Reports {
  return {
    write: async (requestId) => {
      const report = reportOf(await parts.store.eventsOf(requestId));
      if (report === null)
        throw new BotError({ code: 'no-story', message: `the log has no story of ${requestId}`, hint: 'Look at: bin/dhash audit verify' });
      const base = join(parts.dataDir, 'reports', requestId);
      await parts.files.write(`${base}.md`, report.markdown);
      await parts.files.write(`${base}.json`, report.json);
      return { markdown: `${base}.md`, json: `${base}.json` };
    },
  };
}
