// The outward notices of a running bot: drawn from the log by a cursor of their own, delivered beside Slack and without it.

import type { Composed } from './compose.ts';
import type { Loaded } from './config/load.ts';
import { createNotifier, type NotifierHealth } from './notify/deliver.ts';
import { isWorthALook, noticeEntries } from './notify/draw.ts';
import { openChannels, openSenders } from './notify/notify.ts';
import { createProjector } from './projector.ts';

export interface Notices {
  /** Begins drawing and delivering; answers the loops, which end when the signal aborts. */
  readonly start: (signal: AbortSignal) => Promise<readonly Promise<void>[]>;
  readonly health: () => NotifierHealth;
}

const CURSOR = 'notices';
/** Whether the last start found no channel open. */
const IDLE = 'notices-idle';

export function createNotices({ opened, ports, log, owner, redact, isOwnerDead }: Composed, { config, secrets }: Loaded): Notices {
  const { store, notices: outbox } = opened;
  const { clock } = ports;
  const senders = openSenders(config, secrets, redact);
  const open = openChannels(senders);
  const idle = !Object.values(open).includes(true);
  const notifier = createNotifier({ outbox, store, senders, clock, log, owner, isDead: isOwnerDead, random: Math.random });
  const projector = createProjector({
    store,
    outbox,
    changed: opened.watch(),
    cursor: CURSOR,
    draw: (told, story) => noticeEntries(told, story, config, open),
    skips: (told) => !isWorthALook(told),
    clock,
    log,
    onQueued: notifier.wake,
  });

  return {
    health: notifier.health,
    start: async (signal) => {
      await skipThePast();
      // Where nobody is to be told, nothing looks.
      return idle ? [] : [projector.run(signal), notifier.run(signal)];
    },
  };

  /** Channels that were not open until now begin with what happens from now on, not with the news of last month. */
  async function skipThePast(): Promise<void> {
    const [head, from, wasIdle] = [await store.head(), await outbox.cursor(CURSOR), (await store.get(IDLE)) === true];
    if (head !== null && (idle || wasIdle || from === 0)) await outbox.enqueue([], { name: CURSOR, from, to: head.seq });
    if (idle !== wasIdle) await store.set(IDLE, idle);
  }
}
