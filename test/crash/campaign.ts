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
  /** Places that were not reached. */
  readonly missed: number;
  readonly failures: readonly string[];
  /** From the kill to the next bot's first event of the job. */
  readonly slowestMs: number;
}

/** In this order each begins where the one before has ended. */
const ROUND: readonly FlowName[] = ['way back', 'backup', 'deploy', 'rollback'];
/** A flow takes a quarter of a minute, most of it Slack's pace, and five seconds of a processor; one more kill in it takes one. */
const KILLS_A_FLOW = 6;
const LANES = 6;
/** What is drawn together depends on the moment: a place that was not reached is tried once more. */
const TRIES = 2;

/** One undisturbed round tells the places of each flow; a name found in an earlier flow is not tried again in a later one. */
export async function findPlaces(bot: Survivor): Promise<readonly Kill[]> {
  const known = new Set<string>();
  const kills: Kill[] = [];
  for (const flow of ROUND) {
    await bot.startDying(['']);
    await FLOWS[flow](bot);
    const fresh = (await bot.places()).filter((place) => place.endsWith('#1') && !known.has(place));
    kills.push(...fresh.map((place) => ({ flow, place })));
    for (const place of fresh) known.add(place);
  }
  return kills;
}

/** `times`: how often at each. */
export async function runCampaign(kills: readonly Kill[], times: number, say: (line: string) => void): Promise<Outcome> {
  const left = ROUND.map((flow) => {
    const places = kills.filter((kill) => kill.flow === flow).map(({ place }) => place);
    return { flow, chains: Array.from({ length: times }, () => chained(places)).flat() };
  });
  const failures: string[] = [];
  const tries = new Map<string, number>();
  let [done, missed, slowestMs] = [0, 0, 0];

  async function round(bot: Survivor): Promise<void> {
    for (const { flow, chains } of left) {
      const chain = chains.shift();
      // A deploy and a rollback are each other's way to the beginning.
      if (chain === undefined && (flow === 'backup' || flow === 'way back')) continue;
      await bot.startDying(chain ?? []);
      try {
        await FLOWS[flow](bot);
      } catch (thrown) {
        const killed = bot.deaths().map(({ place }) => place);
        failures.push(`${flow}, killed ${killed.join(', ')}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        say(failures.at(-1) ?? '');
        throw thrown;
      } finally {
        const deaths = bot.deaths();
        done += deaths.length;
        again(flow, chain?.slice(deaths.length) ?? [], chains);
      }
      for (const { place, ms } of await goneOnAfter(bot)) {
        slowestMs = Math.max(slowestMs, ms ?? 0);
        say(`${done}/${kills.length * times} ${flow} ${place} gone on after ${ms} ms`);
      }
    }
  }

  function again(flow: FlowName, [first, ...others]: readonly string[], chains: (readonly string[])[]): void {
    if (first === undefined) return;
    if (others.length > 0) chains.push(others);
    const tried = (tries.get(`${flow} ${first}`) ?? 0) + 1;
    tries.set(`${flow} ${first}`, tried);
    if (tried < TRIES) return void chains.push([first]);
    missed += 1;
    say(`${flow} ${first} not reached`);
  }

  async function lane(): Promise<void> {
    let bot: Survivor | null = null;
    while (left.some(({ chains }) => chains.length > 0)) {
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
  return { kills: done, missed, failures, slowestMs };
}

/** Places in their order, far from each other, so that a flow passes them one after the other. */
function chained(places: readonly string[]): (readonly string[])[] {
  const count = Math.ceil(places.length / KILLS_A_FLOW);
  return Array.from({ length: count }, (_, nth) => places.filter((_place, at) => at % count === nth));
}

async function goneOnAfter(bot: Survivor): Promise<readonly { readonly place: string; readonly ms: number | null }[]> {
  const events = await bot.stage.bot.opened.store.eventsAfter(0, 1_000_000);
  return bot.deaths().map(({ place, at: death }) => {
    const next = events.find(({ at, jobId }) => at >= death && jobId !== null);
    return { place, ms: next === undefined ? null : next.at - death };
  });
}
