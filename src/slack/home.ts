// Keeps the App Home of the people who opened it lately as it is: published when they open it, and again when something changed.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createBell } from '../core/bell.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { Message } from '../templates/message.ts';
import { layoutHome } from './home-layout.ts';
import type { Web } from './web.ts';

/** What stands there; `news` leaves out what changes with every second. */
export interface HomePage {
  readonly messages: readonly Message[];
  readonly news: string;
}

export interface Home {
  /** Somebody looks at it: published at once, whatever was there. */
  readonly opened: (user: string) => void;
  /** Until the signal aborts. Never rejects. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface HomeOptions {
  readonly web: Pick<Web, 'publishHome'>;
  readonly store: Pick<Store, 'get' | 'set'>;
  readonly look: () => Promise<HomePage>;
  readonly onWrite: (listener: () => void) => () => void;
  /** True once after something was written. */
  readonly changed: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const STORE_KEY = 'slack:home';
/** Who has not opened it for so long is not looking. */
const LATELY_MS: DurationMs = 12 * 3_600_000;
const MOST_PEOPLE = 200;
/** Writes come in bursts, and nobody reads faster than this. */
const REFRESH_MS: DurationMs = 10_000;
/** Slack takes a hundred publications a minute. */
const SPACING_MS: DurationMs = 700;
const LOOK_ANYWAY_MS: DurationMs = 60_000;
const AFTER_TROUBLE_MS: DurationMs = 30_000;

interface Seen {
  readonly openedAt: Instant;
  /** Of what was last published to them; null = publish whatever it is. */
  readonly hash: string | null;
}

const kept = z.record(z.string(), z.object({ openedAt: z.number(), hash: z.string().nullable() }));

export function createHome(options: HomeOptions): Home {
  const { web, store, clock, log } = options;
  const bell = createBell(clock);
  let people = new Map<string, Seen>();
  let refreshedAt: Instant | null = null;
  let notBefore: Instant = 0;
  let dirty = true;

  return {
    opened: (user) => {
      people.set(user, { openedAt: clock.now(), hash: null });
      bell.ring();
    },
    run: async (signal) => {
      await recall();
      const silence = options.onWrite(bell.ring);
      while (!signal.aborted) {
        try {
          await round(signal);
        } catch (thrown) {
          dirty = true;
          log.error({ code: 'home-failed', err: thrown }, 'The App Home could not be drawn; trying again.');
        }
        await bell.wait(dirty ? REFRESH_MS : LOOK_ANYWAY_MS, signal);
      }
      silence();
    },
  };

  async function round(signal: AbortSignal): Promise<void> {
    if (options.changed()) dirty = true;
    const now = clock.now();
    forget(now);
    const opened = [...people.values()].some(({ hash }) => hash === null);
    const due = dirty && (refreshedAt === null || now - refreshedAt >= REFRESH_MS);
    if (people.size === 0 || now < notBefore || !(opened || due)) return;
    refreshedAt = now;
    dirty = false;
    const { messages, news } = await options.look();
    const hash = createHash('sha256').update(news).digest('hex');
    const view = layoutHome(messages);
    let published = 0;
    for (const [user, seen] of people) {
      if (seen.hash === hash || signal.aborted) continue;
      if (published > 0) await clock.sleep(SPACING_MS, signal);
      published += 1;
      if (!(await publish(user, seen, hash, view))) break;
    }
    if (published > 0)
      await store.set(STORE_KEY, Object.fromEntries([...people].map(([user, { openedAt, hash: of }]) => [user, { openedAt, hash: of }])));
  }

  /** False = Slack has to be left alone for a while. */
  async function publish(user: string, seen: Seen, hash: string, view: ReturnType<typeof layoutHome>): Promise<boolean> {
    const outcome = await web.publishHome(user, view);
    if (outcome.kind === 'ok') {
      // Opened again meanwhile: published again.
      if (people.get(user) === seen) people.set(user, { ...seen, hash });
      return true;
    }
    log.warn({ code: outcome.code, user }, 'The App Home of a person could not be published.');
    if (outcome.kind === 'refused') {
      // Asked again only when they open it again.
      people.delete(user);
      return true;
    }
    dirty = true;
    notBefore = clock.now() + (outcome.kind === 'limited' ? outcome.retryAfterMs : AFTER_TROUBLE_MS);
    return false;
  }

  function forget(now: Instant): void {
    const lately = [...people].filter(([, { openedAt }]) => now - openedAt < LATELY_MS);
    lately.sort(([, one], [, other]) => other.openedAt - one.openedAt);
    if (lately.length < people.size || lately.length > MOST_PEOPLE) people = new Map(lately.slice(0, MOST_PEOPLE));
  }

  async function recall(): Promise<void> {
    try {
      const read = kept.safeParse(await store.get(STORE_KEY));
      if (read.success) people = new Map([...Object.entries(read.data), ...people]);
    } catch (thrown) {
      log.warn({ err: thrown }, 'Who has opened the App Home could not be read.');
    }
  }
}
