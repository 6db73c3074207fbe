// A bot in HTTP mode with the real commands behind it, and what attacks on its endpoint have done to it.

import { expect } from 'vitest';
import { type Surface, startSurface } from '../support/slack/surface.ts';
import { type World, world } from '../support/world.ts';
import type { Attack } from './requests.ts';

export interface Besieged {
  readonly surface: Surface;
  readonly bot: World;
  /** Answers the statuses, in order. */
  readonly send: (attacks: readonly Attack[]) => Promise<readonly number[]>;
  /** Fails unless nothing was asked for, nothing was touched, and the log tells of nothing but refusals. */
  readonly expectNoEffect: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const SIDE_BY_SIDE = 16;

export async function besiege(): Promise<Besieged> {
  const bot = world();
  const surface = await startSurface({ team: 'T0TEAM', reply: (raw) => bot.app.handle(raw) });

  return {
    surface,
    bot,
    send: (attacks) => sendAll(surface.port, attacks),
    expectNoEffect: async () => {
      await surface.waitFor('everything is worked off', async () => (await surface.opened.inbox.pending(1)).length === 0);
      expect([await bot.store.requests({}), await bot.store.jobs({}), await bot.store.lock('production'), bot.host.done]).toEqual([
        [],
        [],
        null,
        [],
      ]);
      const told = await bot.store.eventsAfter(0, 100_000);
      expect(new Set(told.map(({ type }) => type))).toEqual(new Set(told.length === 0 ? [] : ['command.refused']));
    },
    close: async () => {
      await surface.close();
      bot.opened.close();
      expect(surface.fake.violations).toEqual([]);
    },
  };
}

/** Answers the statuses, in order. */
export async function sendAll(port: number, attacks: readonly Attack[]): Promise<readonly number[]> {
  const statuses: number[] = [];
  const next = attacks.entries();
  const worker = async () => {
    for (const [index, attack] of next) statuses[index] = await sendOne(port, attack);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return statuses;
}

async function sendOne(port: number, { method, path, headers, body }: Attack): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  });
  await response.arrayBuffer();
  return response.status;
}
