// Flags that the operations guide's command lines have, and what becomes of them.

import { expect, test } from 'vitest';
import { messageText } from '../../src/templates/text.ts';
import { testEnvironment } from '../support/config.ts';
import { ask, deployed, endWatches, NO_APPROVALS } from '../support/stories.ts';
import { ANA, OLGA, world } from '../support/world.ts';

const MINUTE = 60_000;

test('--no-backup is taken, kept in the audit, and the backup is made all the same', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  const reply = await bot.say(ANA, 'deploy v2.1.0 --no-backup');
  expect(reply).toMatchObject({ kind: 'accepted', note: expect.stringContaining('--no-backup changes nothing') });
  await bot.work();
  expect(bot.host.done).toContain('backup v2.0.0');
  const made = reply.kind === 'accepted' ? (await bot.store.eventsOf(reply.request.id)).find(({ type }) => type === 'request.made') : null;
  expect(made).toMatchObject({ data: { options: { 'no-backup': true } } });
});

test('--no-verify leaves the checksum, and is kept in the audit', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  bot.host.done.length = 0;
  const [file = ''] = bot.host.backups;
  const reply = await bot.say({ ...OLGA, surface: 'shell' }, `rollback --backup backups/${file} --env production --no-verify`);
  expect(reply).toMatchObject({
    kind: 'accepted',
    request: { options: { 'no-verify': true } },
    note: expect.stringContaining('its checksum is compared'),
  });
  await bot.work();
  expect(bot.host.done.filter((act) => act.startsWith('verify'))[0]).toBe(`verify ${file} checksum`);
});

test('a backup may be named by its whole path', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  const [file = ''] = bot.host.backups;
  expect(await bot.say({ ...OLGA, surface: 'shell' }, `rollback --backup /srv/dhash/backups/${file}`)).toMatchObject({ kind: 'accepted' });
});

test('a watch looks as often, and judges by the thresholds, as it was told', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await endWatches(bot);
  const id = await ask(bot, 'monitor --env production --duration 600 --interval 10 --error-threshold 1.5 --response-threshold 750', OLGA);
  await bot.clock.later(11 * MINUTE);
  const story = await bot.store.eventsOf(id);
  expect(story.find(({ type }) => type === 'request.made')).toMatchObject({
    data: { options: { duration: '600', interval: '10', 'error-threshold': '1.5', 'response-threshold': '750' } },
  });
  expect(story.find(({ type }) => type === 'monitor.started')).toMatchObject({ data: { intervalMs: 10_000 } });
  const ended = story.find(({ type }) => type === 'monitor.ended');
  expect(ended).toMatchObject({ data: { verdict: 'certified', checks: 61 } });
  expect(ended?.type === 'monitor.ended' ? ended.data.measures.map(({ threshold }) => threshold) : []).toEqual(
    expect.arrayContaining(['at most 750 ms']),
  );
});

test('a watch by hand judges the service’s own numbers by its threshold too, and certifies nothing that had no traffic', async () => {
  const { monitor } = testEnvironment();
  const bot = world({ environment: { ...NO_APPROVALS, monitor: { ...monitor, metrics: 'http://127.0.0.1:8080/metrics' } } });
  await deployed(bot, 'v2.0.0');
  await endWatches(bot);
  bot.host.metrics = 'http_requests_total{status="200"} 7\nhttp_request_duration_seconds_bucket{le="+Inf"} 7\n';
  const id = await ask(bot, 'monitor --env production --duration 600 --error-threshold 1.5', OLGA);
  await bot.clock.later(11 * MINUTE);
  const ended = (await bot.store.eventsOf(id)).find(({ type }) => type === 'monitor.ended');
  if (ended?.type !== 'monitor.ended') throw new Error('the watch has not ended');
  expect(ended.data.measures.find(({ gate }) => gate === 'error-rate')).toMatchObject({ threshold: 'at most 1.5 %', state: 'unknown' });
  expect(ended.data.verdict).toBe('not-certified');
});

test.each([
  ['monitor --interval 0', '--interval "0" is not a length of time from 100ms to 10m'],
  ['monitor --interval 20m', '--interval "20m" is not a length of time'],
  ['monitor --duration forever', '--duration "forever" is not a length of time up to 7d'],
  ['monitor --error-threshold 101', '--error-threshold "101" is not a percentage'],
  ['monitor --error-threshold -1', '--error-threshold "-1" is not a percentage'],
  ['monitor --response-threshold 0.5s', '--response-threshold "0.5s" is not a time in milliseconds'],
])('"%s" is refused, with what to write', async (text, message) => {
  const bot = world();
  expect(await bot.say(OLGA, text)).toMatchObject({ kind: 'refused', reason: 'usage', message: expect.stringContaining(message) });
});

test('the status shows the last gates: the checklist with its evidence, the watch with what it measured', async () => {
  const bot = world({ environment: { ...NO_APPROVALS, checklist: ['backup', 'placeholders'] } });
  await deployed(bot, 'v2.0.0');
  await endWatches(bot);
  const text = messageText(bot.app.word(await bot.say(ANA, 'status')), bot.clock.now()).join('\n');
  expect(text).toContain('Last checklist, v2.0.0: 2 of 2 pass');
  expect(text).toMatch(/placeholders: pass no files are declared to look through \(as of /);
  expect(text).toMatch(/CPU: 10 % \(the service 5 %\) \(want at most 70 %\) ok/);
});
