// From a number that is too high to the version before it, with nobody at a keyboard.

import { expect, test } from 'vitest';
import { calls, EVERYBODY, LADDER, MINUTE, pass, rollbacks, SECOND, story } from '../support/alarms.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { type World, world } from '../support/world.ts';

const base = world();
const declared = base.config.environments['production'];
base.opened.close();
if (declared === undefined) throw new Error('no environment');
const AUTO = {
  ...declared.rollback,
  modes: { 'error-rate': 'auto', 'response-time': 'ask', 'quality-gates': 'ask', smoke: 'ask', cpu: 'ask', memory: 'ask' },
} as const;

/** A thousand requests in each half minute, so many of them answered 500. */
async function serve(
  bot: World,
  forMs: number,
  failing: number,
  counted = { all: 0, failed: 0 },
): Promise<{ all: number; failed: number }> {
  const count = { ...counted };
  for (let left = forMs; left > 0; left -= 30 * SECOND) {
    count.all += 1_000 - failing;
    count.failed += failing;
    bot.host.metrics = [
      '# TYPE http_requests_total counter',
      `http_requests_total{status="200"} ${count.all}`,
      `http_requests_total{status="500"} ${count.failed}`,
      '',
    ].join('\n');
    await pass(bot, 30 * SECOND);
  }
  return count;
}

test('an error rate above 1 % for more than five minutes counts down, rolls back, and calls people until one of them looks', async () => {
  const bot = world({
    environment: {
      ...NO_APPROVALS,
      escalation: LADDER,
      rollback: AUTO,
      monitor: { ...declared.monitor, duration: 60 * MINUTE, updates: [], metrics: 'http://127.0.0.1:8080/metrics' },
    },
    config: { people: EVERYBODY },
  });
  await deployed(bot, 'v2.0.0');
  await serve(bot, MINUTE, 0);
  const id = await deployed(bot, 'v2.1.0');
  const good = await serve(bot, 2 * MINUTE, 0);
  const from = bot.clock.now();
  await serve(bot, 5 * MINUTE, 30, good);
  expect(await rollbacks(bot)).toEqual([]);
  await serve(bot, 2 * MINUTE, 30, { all: good.all + 9_700, failed: good.failed + 300 });
  const types = (await story(bot, id)).map(({ type }) => type);
  for (const type of ['monitor.breached', 'monitor.rule-met', 'rollback.counting', 'rollback.countdown-ended'])
    expect(types).toContain(type);
  expect(await rollbacks(bot)).toMatchObject([{ state: 'succeeded', tag: 'v2.0.0', by: { name: 'dhash (rule error-rate)' } }]);
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.0.0');
  expect((await calls(bot, id, from)).at(-1)).toMatch(/ended: rolled-back$/);
  const [rollback] = await rollbacks(bot);
  expect(await calls(bot, rollback?.id ?? '', from)).toContainEqual(expect.stringMatching(/deployLead$/));
});
