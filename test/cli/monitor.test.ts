import { expect, test } from 'vitest';
import { runShellCommand } from '../../src/cli/shell.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { SHELL, world } from '../support/world.ts';

test.each([
  [200, 0, 'certified'],
  [503, 1, 'not-certified'],
])('a watch of a service that answers %i ends with exit code %i: %s', async (status, code, verdict) => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await bot.clock.later(660_000);
  bot.host.health.status = status;
  const exit = runShellCommand({
    words: ['monitor', '--duration', '5m', '--interval', '30s'],
    json: true,
    actor: SHELL,
    handle: bot.app.handle,
    word: bot.app.word,
    store: bot.store,
    clock: bot.clock,
    output: { line: () => {}, current: () => {}, trouble: () => {} },
    dedupeKey: 'shell-1',
    carry: async () => true,
    signal: new AbortController().signal,
  });
  for (let second = 0; second < 400; second += 10) {
    await bot.app.engine.tick();
    await bot.clock.later(10_000);
  }
  expect(await exit).toBe(code);
  const [newest] = await bot.store.requests({ environment: 'production' });
  expect((await bot.store.eventsOf(newest?.id ?? '')).find(({ type }) => type === 'monitor.ended')).toMatchObject({ data: { verdict } });
  bot.opened.close();
});
