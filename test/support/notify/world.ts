// A store, a clock moved by hand and a notifier that really sends; a process of it can be killed and another one started.

import { expect } from 'vitest';
import type { Config } from '../../../src/core/config.ts';
import { type EventMap, type EventType, event, type StoredEvent } from '../../../src/core/event.ts';
import { createRedactor } from '../../../src/host/redact.ts';
import { createNotifier, type Notifier } from '../../../src/notify/deliver.ts';
import { isWorthALook, noticeEntries } from '../../../src/notify/draw.ts';
import { type NotifySecrets, openChannels, openSenders } from '../../../src/notify/notify.ts';
import type { Sender } from '../../../src/notify/outcome.ts';
import { createProjector } from '../../../src/projector.ts';
import { type OpenStore, openStore } from '../../../src/store/open.ts';
import { type TestClock, testClock } from '../clock.ts';
import { testConfig } from '../config.ts';

export interface NotifyWorld {
  readonly clock: TestClock;
  readonly opened: OpenStore;
  readonly config: Config;
  readonly tell: <T extends EventType>(type: T, data: EventMap[T]) => Promise<void>;
  /** Copies the events of a hand-written log into the store. */
  readonly play: (events: readonly StoredEvent[]) => Promise<void>;
  /** Draws what was told, and starts a process that delivers; ends the one before as a kill would, leaving what it was sending. */
  readonly start: (senders?: Readonly<Record<string, Sender>>) => Promise<Notifier>;
  readonly stop: () => Promise<void>;
  /** Lets a long time go by at once: whoever slept wakes once, at its end. */
  readonly pass: (ms: number) => Promise<void>;
  /** Waits for real sockets, while no time passes on the clock. */
  readonly until: (holds: () => boolean | Promise<boolean>) => Promise<void>;
  readonly waiting: () => Promise<number>;
  readonly said: (type: 'notice.late' | 'notice.lost') => Promise<readonly EventMap['notice.lost'][]>;
}

/** Real time: long enough for a busy machine, where nothing is meant to hang. */
const PATIENT_MS = 8_000;
export const LISTS = { from: 'dhash <dhash@ops.test>', stakeholders: ['ana@ops.test'], emergency: ['bob@ops.test'], timeout: PATIENT_MS };

export function notifyWorld(secrets: Partial<NotifySecrets>, notify: Partial<Config['notify']> = {}): NotifyWorld {
  const base = testConfig().notify;
  const config = testConfig({}, { notify: { ...base, mail: LISTS, teams: { timeout: PATIENT_MS }, ...notify } });
  const clock = testClock();
  const opened = openStore({ path: ':memory:', now: clock.now });
  const known = { smtpUrl: null, teamsWebhookUrl: null, pagerdutyRoutingKey: null, ...secrets };
  const made = openSenders(config, known, createRedactor(Object.values(known).filter((secret) => secret !== null)));
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  let processes = 0;
  const dead = new Set<string>();
  let current: {
    readonly owner: string;
    readonly notifier: Notifier;
    readonly stop: AbortController;
    readonly done: Promise<void>;
  } | null = null;

  const projector = createProjector({
    store: opened.store,
    outbox: opened.notices,
    changed: () => true,
    cursor: 'notices',
    draw: (told, story) => noticeEntries(told, story, config, openChannels(made)),
    skips: (told) => !isWorthALook(told),
    clock,
    log,
    onQueued: () => current?.notifier.wake(),
  });
  const world: NotifyWorld = {
    clock,
    opened,
    config,
    tell: async (type, data) => {
      const scope = { environment: 'production', requestId: 'd-0001', jobId: 'j-watch', actor: null };
      await opened.store.commit([], [event(scope, type, data)], clock.now());
      await projector.catchUp();
    },
    play: async (events) => {
      for (const { at: _at, seq: _seq, hash: _hash, prevHash: _prev, ...told } of events)
        await opened.store.commit([], [told], clock.now());
      await projector.catchUp();
    },
    start: async (senders = made) => {
      if (current !== null) {
        dead.add(current.owner);
        current.stop.abort();
      }
      await projector.catchUp();
      processes += 1;
      const owner = `process-${processes}`;
      const stop = new AbortController();
      const notifier = createNotifier({
        outbox: opened.notices,
        store: opened.store,
        senders,
        clock,
        log,
        owner,
        isDead: (other) => dead.has(other),
        random: () => 0,
      });
      current = { owner, notifier, stop, done: notifier.run(stop.signal) };
      return notifier;
    },
    stop: async () => {
      current?.stop.abort();
      await current?.done;
      opened.close();
    },
    pass: async (ms) => {
      clock.jump(ms);
      await clock.later(500);
    },
    until: async (holds) => {
      await expect
        .poll(
          async () => {
            await clock.later(0);
            return holds();
          },
          { interval: 5, timeout: 15_000 },
        )
        .toBe(true);
    },
    waiting: async () => (await opened.notices.depth()).waiting,
    said: async (type) => {
      const story = await opened.store.eventsOf('d-0001');
      return story.flatMap((told) => (told.type === type ? [told.data] : []));
    },
  };
  return world;
}
