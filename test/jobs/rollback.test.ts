import { expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import { ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, BOB, OLGA, SHELL, type World, world } from '../support/world.ts';

async function twoReleases(): Promise<World> {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  bot.host.done.length = 0;
  return bot;
}

async function liveId(bot: World): Promise<string> {
  return (await bot.store.liveDeployment('production'))?.id ?? '';
}

async function pressRollback(bot: World, flags: readonly string[] = []) {
  return bot.press(OLGA, { verb: 'rollback', request: '', environment: 'production', expect: await liveId(bot), flags });
}

test('Rollback now goes to the pinned backup, proved again before it is trusted', async () => {
  const bot = await twoReleases();
  const pinned = (await bot.store.liveDeployment('production'))?.rollbackBackup;
  const reply = await pressRollback(bot);
  expect(reply).toMatchObject({ kind: 'accepted', request: { kind: 'rollback', tag: 'v2.0.0' } });
  await bot.work();
  const order = [
    `verify ${pinned} full`,
    `restore ${pinned}`,
    'start blue v2.0.0',
    'ready blue v2.0.0',
    'switch blue',
    'drain green',
    'stop green',
    'mark v2.0.0',
  ];
  expect(bot.host.done.filter((act) => order.includes(act))).toEqual(order);
  expect(await bot.store.liveDeployment('production')).toMatchObject({ kind: 'rollback', tag: 'v2.0.0' });
});

test('a rollback goes to the pinned backup even when a newer one lies beside it', async () => {
  const bot = await twoReleases();
  await bot.clock.later(60_000);
  await ask(bot, 'backup create', OLGA);
  await bot.work();
  const newest = bot.host.backups[0];
  await pressRollback(bot);
  await bot.work();
  expect(bot.host.done).not.toContain(`restore ${newest}`);
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.0.0');
});

test('typed in Slack, a rollback shows its facts first and does nothing', async () => {
  const bot = await twoReleases();
  const reply = await bot.say(OLGA, 'rollback');
  expect(reply).toMatchObject({ kind: 'confirm', offer: { fromTag: 'v2.1.0', toTag: 'v2.0.0' }, dataNote: 'Data is left as it is.' });
  expect((await bot.store.jobs({ open: true })).filter(({ name }) => name === 'rollback')).toEqual([]);
});

test('from a shell, typing it is the confirmation', async () => {
  const bot = await twoReleases();
  const reply = await bot.app.handle({
    actor: SHELL,
    wish: { kind: 'words', text: ['rollback', '--env', 'production'] },
    channel: null,
    dedupeKey: 'shell-1',
  });
  expect(reply).toMatchObject({ kind: 'accepted' });
});

test("a lock set by a person does not stop a rollback, and the lock's owner is told", async () => {
  const bot = await twoReleases();
  await bot.say(ANA, 'lock maintenance');
  const reply = await pressRollback(bot);
  if (reply.kind !== 'accepted') throw new Error('not accepted');
  await bot.work();
  expect((await bot.store.request(reply.request.id))?.state).toBe('succeeded');
  expect(await bot.eventsOf(reply.request.id)).toContain('lock.seized');
});

test('a rollback during a deploy turns that deploy back', async () => {
  const bot = world();
  await deployed(bot, 'v2.0.0');
  const id = await ask(bot, 'deploy v2.1.0');
  const reply = await bot.say(OLGA, 'rollback');
  expect(reply).toMatchObject({ kind: 'done' });
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('canceled');
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.0.0');
});

test('two people pressing at once roll back once', async () => {
  const bot = await twoReleases();
  const expected = await liveId(bot);
  const button = { verb: 'rollback', request: '', environment: 'production', expect: expected } as const;
  const replies = await Promise.all([bot.press(OLGA, button), bot.press(ANA, button)]);
  expect(replies.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
  await bot.work();
  expect(bot.host.done.filter((act) => act.startsWith('switch'))).toEqual(['switch blue']);
});

test('a button about a version that is not live any more does nothing, and says why', async () => {
  const bot = await twoReleases();
  const old = await liveId(bot);
  await deployed(bot, 'v2.0.0');
  const reply = await bot.press(OLGA, { verb: 'rollback', request: '', environment: 'production', expect: old });
  expect(reply).toMatchObject({ kind: 'refused', reason: 'not_live_anymore' });
});

test('only people entitled to it roll back', async () => {
  const bot = await twoReleases();
  expect(await bot.press(BOB, { verb: 'rollback', request: '', environment: 'production', expect: await liveId(bot) })).toMatchObject({
    reason: 'not_entitled',
  });
});

test('a corrupt backup is never restored, in an emergency neither', async () => {
  for (const flags of [[], ['--emergency']]) {
    const bot = await twoReleases();
    bot.host.brokenBackups.add((await bot.store.liveDeployment('production'))?.rollbackBackup ?? '');
    const reply = await pressRollback(bot, flags);
    if (reply.kind !== 'accepted') throw new Error('not accepted');
    await bot.work();
    expect((await bot.store.request(reply.request.id))?.state).toBe('failed');
    expect(bot.host.done.some((act) => act.startsWith('restore'))).toBe(false);
    expect(bot.host.active).toBe('green');
  }
});

test('an emergency looks at the checksum alone and makes no safety backup', async () => {
  const bot = await twoReleases();
  await pressRollback(bot, ['--emergency']);
  await bot.work();
  expect(bot.host.done.filter((act) => act.startsWith('verify'))).toEqual([expect.stringMatching(/checksum$/)]);
  expect(bot.host.done.some((act) => act.startsWith('backup'))).toBe(false);
});

test('a safety backup that cannot be made is told and passed over', async () => {
  const bot = await twoReleases();
  bot.host.failures['backup'] = [new BotError({ code: 'disk-full', message: 'no space', hint: null })];
  const reply = await pressRollback(bot);
  if (reply.kind !== 'accepted') throw new Error('not accepted');
  await bot.work();
  expect((await bot.store.request(reply.request.id))?.state).toBe('succeeded');
});

test('restoring data stops the service first; when the start then fails, the old version comes back', async () => {
  const bot = await twoReleases();
  bot.host.failures['ready'] = [new BotError({ code: 'service-exited', message: 'gone', hint: null })];
  const reply = await pressRollback(bot, ['--with-data']);
  if (reply.kind !== 'accepted') throw new Error('not accepted');
  await bot.work(30_000);
  expect((await bot.store.request(reply.request.id))?.state).toBe('failed');
  expect(bot.host.done.indexOf('stop green')).toBeLessThan(bot.host.done.findIndex((act) => act.startsWith('restore')));
  expect(bot.host.running.green?.tag).toBe('v2.1.0');
});

test('after a rollback, the next one goes further back, never forward to what was left', async () => {
  const bot = world({ environment: NO_APPROVALS });
  for (const tag of ['v1.9.0', 'v2.0.0', 'v2.1.0']) {
    await deployed(bot, tag);
    await bot.clock.later(5_000);
  }
  await pressRollback(bot);
  await bot.work();
  expect(await bot.store.liveDeployment('production')).toMatchObject({ tag: 'v2.0.0', rollbackTag: 'v1.9.0' });
});

test('a backup that is not there is refused, naming the nearest', async () => {
  const bot = await twoReleases();
  const reply = await bot.app.handle({
    actor: SHELL,
    wish: { kind: 'words', text: ['rollback', '--env', 'production', '--backup', 'backups/nope.zip'] },
    channel: null,
    dedupeKey: 'x',
  });
  expect(reply).toMatchObject({ kind: 'refused', reason: 'unknown_backup' });
});
