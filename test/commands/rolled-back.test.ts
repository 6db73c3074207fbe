import { expect, test } from 'vitest';
import { card } from '../../src/templates/card.ts';
import { viewOf } from '../../src/templates/view.ts';
import { MINUTE, pass, watched } from '../support/alarms.ts';
import { ask } from '../support/stories.ts';
import { ANA, OLGA, type World } from '../support/world.ts';

async function rolledBack(): Promise<World> {
  const [bot] = await watched();
  await bot.press(OLGA, {
    verb: 'rollback',
    request: '',
    environment: 'production',
    expect: (await bot.store.liveDeployment('production'))?.id ?? '',
  });
  await pass(bot, MINUTE);
  return bot;
}

test('a version that was rolled back goes out again only with a reason, which stands on the card', async () => {
  const bot = await rolledBack();
  expect(await bot.say(ANA, 'deploy v2.1.0')).toMatchObject({
    reason: 'rolled_back_before',
    message: expect.stringContaining('to v2.0.0'),
  });
  const id = await ask(bot, 'deploy v2.1.0 --override "the cache was cold, not the code"');
  const [made] = await bot.store.eventsOf(id);
  expect(made?.data).toMatchObject({ options: { override: 'the cache was cold, not the code' } });
  const view = viewOf(await bot.store.eventsOf(id));
  expect(JSON.stringify(view === null ? '' : card(view).facts)).toContain('the cache was cold, not the code');
});

test('an empty reason is none, and one without a rollback before is not kept', async () => {
  const bot = await rolledBack();
  expect(await bot.say(ANA, 'deploy v2.1.0 --override " "')).toMatchObject({ reason: 'rolled_back_before' });
  const id = await ask(bot, 'deploy v1.9.0 --override "because"');
  expect((await bot.store.eventsOf(id))[0]?.data).toMatchObject({ options: { monitor: true } });
  expect(JSON.stringify((await bot.store.eventsOf(id))[0]?.data)).not.toContain('because');
});

test('once it was certified there it needs no reason any more', async () => {
  const bot = await rolledBack();
  await ask(bot, 'deploy v2.1.0 --override "mended by hand"');
  await pass(bot, 185 * MINUTE);
  await ask(bot, 'deploy v1.9.0');
  await pass(bot, MINUTE);
  expect(await bot.say(ANA, 'deploy v2.1.0')).toMatchObject({ kind: 'accepted' });
});
