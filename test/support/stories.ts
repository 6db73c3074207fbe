// Short ways into common situations.

import type { Actor } from '../../src/core/actor.ts';
import { ANA, BOB, OLGA, type World } from './world.ts';

/** No approvals needed: for tests that are not about them. */
export const NO_APPROVALS = { approvals: { required: 0, fromOps: 0, expiresAfter: 3_600_000 } } as const;

/** Says it, expects it to be accepted, lets the first steps run; answers the request's id. */
export async function ask(bot: World, text: string, actor: Actor = ANA): Promise<string> {
  const reply = await bot.say(actor, text);
  if (reply.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(reply)}`);
  await bot.work(100);
  return reply.request.id;
}

export async function approveBoth(bot: World, id: string): Promise<void> {
  await bot.say(BOB, `approve ${id}`);
  await bot.say(OLGA, `approve ${id}`);
  await bot.work();
}

/** A deploy through to its end, approvals included where they are needed. */
export async function deployed(bot: World, tag: string): Promise<string> {
  const id = await ask(bot, `deploy ${tag}`);
  await approveBoth(bot, id);
  return id;
}

/** The watches that deploys start go on for minutes; tests that are not about them end them. */
export async function endWatches(bot: World): Promise<void> {
  await bot.clock.later(1_500_000);
}
