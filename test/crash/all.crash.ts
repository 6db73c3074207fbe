// Every place where the world changes, found by the program itself, and a kill before and after each. DHASH_CRASH_RUNS=20 kills so often at each
// (hours); without it a part of the places gets one kill each, another part every time.

import { env } from 'node:process';
import { expect, test } from 'vitest';
import { findPlaces, type Kill, runCampaign } from './campaign.ts';
import { openSurvivor } from './flows.ts';

/** A few minutes on two cores. */
const PART = 60;

test('a kill at any place loses nothing, doubles nothing and ends as if nothing had happened', { timeout: 24 * 3_600_000 }, async () => {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const bot = await openSurvivor();
  const found = await findPlaces(bot);
  await bot.stop();
  expect(found.length).toBeGreaterThan(200);
  const { DHASH_CRASH_AT: at = '', DHASH_CRASH_RUNS: runs = '0' } = env;
  const wanted = found.filter(({ flow, place }) => `${flow} ${place}`.includes(at));
  const times = Number(runs);
  const kills = times > 0 ? wanted : part(wanted);
  say(`${found.length} places found, kills at ${kills.length}`);
  const outcome = await runCampaign(kills, Math.max(1, times), say);
  say(`${outcome.kills} kills, ${outcome.missed} places not reached, gone on after ${outcome.slowestMs} ms at the latest`);
  expect(outcome.failures).toEqual([]);
  expect(outcome.missed).toBeLessThan(kills.length / 4 + 1);
});

function part(found: readonly Kill[]): readonly Kill[] {
  const every = Math.max(1, Math.ceil(found.length / PART));
  const first = Math.floor(Math.random() * every);
  return found.filter((_, at) => at % every === first);
}
