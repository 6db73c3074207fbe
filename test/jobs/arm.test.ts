import { expect, test } from 'vitest';
import { MINUTE, pass, story, watched } from '../support/alarms.ts';
import { ask, deployed } from '../support/stories.ts';
import { ANA, OLGA, type World } from '../support/world.ts';

const told = async (bot: World, id: string) => (await story(bot, id)).filter(({ type }) => type.startsWith('rollback.'));

test('the way back is proved at the start of the watch and at half-time', async () => {
  const [bot, id] = await watched();
  expect(await told(bot, id)).toMatchObject([
    { type: 'rollback.armed', data: { toTag: 'v2.0.0', measured: false, estimateMs: 10 * MINUTE } },
  ]);
  await pass(bot, 91 * MINUTE);
  expect((await told(bot, id)).map(({ type }) => type)).toEqual(['rollback.armed', 'rollback.armed']);
});

test('when the pinned backup is broken the next good one takes its place, and an old button says so', async () => {
  const [bot, id] = await watched();
  await deployed(bot, 'v1.9.0');
  await pass(bot, MINUTE);
  await ask(bot, 'backup create', OLGA);
  await pass(bot, MINUTE);
  const next = await deployed(bot, 'v2.1.0');
  const before = await bot.store.liveDeployment('production');
  bot.host.brokenBackups.add(before?.rollbackBackup ?? '');
  await pass(bot, 91 * MINUTE);
  const after = await bot.store.liveDeployment('production');
  const news = (await told(bot, next)).find(({ type }) => type === 'rollback.unarmed');
  expect(news?.data).toMatchObject({ backup: before?.rollbackBackup, next: { backup: after?.rollbackBackup, toTag: after?.rollbackTag } });
  expect(after?.rollbackBackup).not.toBe(before?.rollbackBackup);
  const old = { verb: 'rollback', request: id, environment: 'production', expect: after?.id ?? '' } as const;
  expect(await bot.press(ANA, { ...old, flags: [`--shown=${before?.rollbackBackup}`] })).toMatchObject({ reason: 'approval_void' });
  expect(await bot.press(ANA, { ...old, flags: [`--shown=${after?.rollbackBackup}`] })).toMatchObject({ kind: 'accepted' });
});

test('without another good backup the offer stays, and people are told that it is not safe', async () => {
  const [bot, id] = await watched();
  for (const file of bot.host.backups) bot.host.brokenBackups.add(file);
  await pass(bot, 91 * MINUTE);
  expect((await told(bot, id)).at(-1)).toMatchObject({ type: 'rollback.unarmed', data: { next: null } });
});
