// Kills at every place that was found, several bots side by side, each going round the flows; what went wrong is collected, and told at the end.

import type { Survivor } from '../fixtures/crash/survivor.ts';
import { FLOWS, type FlowName, openSurvivor } from './flows.ts';

export interface Kill {
  readonly flow: FlowName;
  /** `<before|after> <place>#<n>` */
  readonly place: string;
}

export interface Outcome {
  readonly kills: number;
  /** Places that were not reached this time: what is drawn together depends on the moment. */
  readonly missed: number;
  readonly failures: readonly string[];
  /** From the kill to the next bot's first event of the job. */
  readonly slowestMs: number;
}

/** In this order each begins where the one before has ended. */
const ROUND: readonly FlowName[] = ['way back', 'backup', 'deploy', 'rollback'];
/** Much of a flow is waiting: for Slack's pace, for a service that starts. */
const LANES = 3;

/** One undisturbed round tells the places of each flow; a name found in an earlier flow is not tried again in a later one. */
export async function findPlaces(bot: Survivor): Promise<readonly Kill[]> {
  const known = new Set<string>();
  const kills: Kill[] = [];
  for (const flow of ROUND) {
    await bot.startDying('');
    await FLOWS[flow](bot);
    const fresh = (await bot.places()).filter((place) => place.endsWith('#1') && !known.has(place));
    kills.push(...fresh.map((place) => ({ flow, place })));
    for (const place of fresh) known.add(place);
  }
  return kills;
}

export async function runCampaign(kills: readonly Kill[], say: (line: string) => void): Promise<Outcome> {
  const left = ROUND.map((flow) => ({ flow, places: kills.filter((kill) => kill.flow === flow).map(({ place }) => place) }));
  const failures: string[] = [];
  let [done, missed, slowestMs] = [0, 0, 0];

  async function round(bot: Survivor): Promise<void> {
    for (const { flow, places } of left) {
      // A deploy and a rollback are each other's way to the beginning.
      const place = places.shift();
      if (place === undefined && (flow === 'backup' || flow === 'way back')) continue;
      await bot.startDying(place ?? 'nowhere');
      try {
        await FLOWS[flow](bot);
      } catch (thrown) {
        failures.push(`${flow}, killed ${place}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        say(failures.at(-1) ?? '');
        throw thrown;
      } finally {
        if (place !== undefined) done += 1;
      }
      if (place === undefined) continue;
      const ms = await goneOnAfter(bot);
      if (bot.deaths().length === 0) missed += 1;
      slowestMs = Math.max(slowestMs, ms ?? 0);
      say(`${done}/${kills.length} ${flow} ${place} ${bot.deaths().length === 0 ? 'not reached' : `gone on after ${ms} ms`}`);
    }
  }

  async function lane(): Promise<void> {
    let bot: Survivor | null = null;
    while (left.some(({ places }) => places.length > 0)) {
      try {
        bot ??= await openSurvivor();
        await round(bot);
      } catch {
        // What it left behind proves nothing any more: the next one begins afresh.
        await bot?.stop();
        bot = null;
      }
    }
    await bot?.stop();
  }

  await Promise.all(Array.from({ length: LANES }, lane));
  return { kills: done - missed, missed, failures, slowestMs };
}

async function goneOnAfter(bot: Survivor): Promise<number | null> {
  const [death] = bot.deaths();
  if (death === undefined) return null;
  const events = await bot.stage.bot.opened.store.eventsAfter(0, 1_000_000);
  const next = events.find(({ at, jobId }) => at >= death && jobId !== null);
  return next === undefined ? null : next.at - death;
}
