// One hour of a watch, replayed by the test clock: what people read of it, to the byte. After a wanted change:
// npx vitest run test/jobs/hour.test.ts -u, and read the difference of test/fixtures/watch/*.txt before it is committed.

import { expect, test } from 'vitest';
import { EVERYBODY, LADDER, MINUTE } from '../support/alarms.ts';
import { testConfig, testEnvironment } from '../support/config.ts';
import { serveMetrics } from '../support/metrics.ts';
import { LISTS } from '../support/notify/world.ts';
import { ask, NO_APPROVALS } from '../support/stories.ts';
import { type Told, tellAll, transcript } from '../support/told.ts';
import { ANA, BOB, OLGA, type World, world } from '../support/world.ts';

const MONITOR = {
  ...testEnvironment().monitor,
  metrics: 'http://127.0.0.1:8080/metrics',
  duration: 60 * MINUTE,
  updates: [0, 15, 30, 45, 60].map((minutes) => minutes * MINUTE),
};

interface Hour {
  readonly bot: World;
  readonly id: string;
  readonly told: Told;
  readonly state: { failing: boolean };
}

/** v2.1.0 goes live over v2.0.0; `during` is what happens to its hour. */
async function hour(during: (now: Hour) => Promise<void>): Promise<Told> {
  const notify = { ...testConfig().notify, mail: LISTS, meeting: 'https://meet.example.com/ops' };
  const bot = world({ environment: { ...NO_APPROVALS, escalation: LADDER, monitor: MONITOR }, config: { people: EVERYBODY, notify } });
  const state = serveMetrics(bot, { failing: false });
  const told = tellAll(bot);
  await bot.say(ANA, 'deploy v2.0.0');
  await told.pass(MINUTE);
  const id = await ask(bot, 'deploy v2.1.0');
  await during({ bot, id, told, state });
  await told.stop();
  bot.opened.close();
  return told;
}

test('an hour with a breach, a recovery, a report and a verdict reads the same, letter for letter', async () => {
  const { calls } = await hour(async ({ bot, id, told, state }) => {
    await told.pass(20 * MINUTE);
    state.failing = true;
    await told.pass(3 * MINUTE);
    await bot.say(OLGA, `ack ${id}`);
    await told.pass(3 * MINUTE);
    state.failing = false;
    await told.pass(14 * MINUTE);
    await bot.say(BOB, 'report uploads hang at 99 %');
    await told.pass(22 * MINUTE);
  });
  await expect(transcript(calls)).toMatchFileSnapshot('../fixtures/watch/hour.txt');
});

test('a calm hour is at most sixty posts and edits, and tells nobody beside Slack of trouble', async () => {
  const { calls } = await hour(({ told }) => told.pass(62 * MINUTE));
  const end = calls.at(-1)?.at ?? 0;
  const lastHour = calls.filter(({ at, what }) => what !== 'notice' && at > end - 60 * MINUTE);
  expect(lastHour.length).toBeLessThanOrEqual(60);
  expect(lastHour.length).toBeGreaterThan(30);
  expect(calls.filter(({ words }) => /escalation|trigger|Act now/.test(words))).toEqual([]);
});
