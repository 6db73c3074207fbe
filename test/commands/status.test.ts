import { expect, test } from 'vitest';
import type { EnvironmentStatus } from '../../src/core/wish.ts';
import { layout } from '../../src/slack/layout.ts';
import { glanceMessage, statusMessage } from '../../src/templates/status.ts';
import { messageText } from '../../src/templates/text.ts';
import { testEnvironment } from '../support/config.ts';
import { blockErrors } from '../support/slack/limits.ts';
import { deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, BOB, type World, world } from '../support/world.ts';

const MINUTE = 60_000;

async function statusOf(bot: World): Promise<EnvironmentStatus> {
  const reply = await bot.say(BOB, 'status production');
  if (reply.kind !== 'answered' || reply.answer.kind !== 'status') throw new Error(`answered ${reply.kind}`);
  const [found] = reply.answer.environments;
  if (found === undefined) throw new Error('no environment');
  return found;
}

const text = (status: EnvironmentStatus) => messageText(glanceMessage(status), status.at);
const labels = (status: EnvironmentStatus) => glanceMessage(status).actions.map(({ label }) => label);

test('says that nothing is live yet, that there is no verified backup, and whom to call', async () => {
  const status = await statusOf(world());
  expect(text(status)).toEqual([
    'production: nothing is live that was deployed from here',
    '  Last verified backup: none: /dhash backup create',
    '  Lock: free',
    expect.stringMatching(/^ {2}Call: on call .*deploy lead U0LEAD$/),
    '  No deploy or rollback yet.',
  ]);
});

test('while a watch runs it shows what is live, by whom, the curves, the time left, and Rollback now with its facts', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await bot.clock.later(20 * MINUTE);
  const id = await deployed(bot, 'v2.1.0');
  await bot.clock.later(3 * MINUTE);
  const status = await statusOf(bot);
  const shown = text(status).join('\n');
  expect(shown).toContain('OK production: v2.1.0 is live, being watched');
  expect(shown).toMatch(/Live: v2\.1\.0 \(c210000000\) in green since .*, asked for by ana/);
  expect(shown).toMatch(/Watch of v2\.1\.0: \dm( \d+s)? left, \d+ checks, no breach/);
  expect(shown).toMatch(/▁{6,} response time 3 ms \(limit 200 ms\)/);
  expect(shown).toMatch(/·{6,} error rate not measured/);
  expect(shown).toMatch(/Last verified backup: dhash_\S+_v2\.0\.0\.zip \dm( \d+s)? old/);
  expect(status.runs.map(({ tag, state, by }) => `${tag} ${state} ${by}`)).toEqual(['v2.1.0 succeeded ana', 'v2.0.0 succeeded ana']);
  expect(status.runs[0]?.tookMs).toBeGreaterThan(0);
  expect(labels(status)).toEqual(['Rollback now']);
  const [rollback] = glanceMessage(status).actions;
  expect(rollback?.value).toMatchObject({ request: id, environment: 'production' });
  expect(rollback?.confirm?.text).toMatch(/^v2\.1\.0 -> v2\.0\.0\nBackup of .*, verified .*: dhash_\S+_v2\.0\.0\.zip/);
});

test('a breach turns it red and offers Acknowledge until somebody has; the button does what it says', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  bot.host.health.status = 503;
  await bot.clock.later(3 * MINUTE);
  const status = await statusOf(bot);
  expect(glanceMessage(status)).toMatchObject({ tone: 'bad', title: expect.stringContaining('v2.1.0 is live, IN BREACH: ') });
  expect(labels(status)).toEqual(['Rollback now', 'Acknowledge']);
  const ack = glanceMessage(status).actions[1]?.value;
  if (ack === undefined) throw new Error('no button');
  expect(await bot.press(ANA, { verb: 'ack', ...ack })).toMatchObject({ kind: 'done' });
  expect(labels(await statusOf(bot))).toEqual(['Rollback now']);
});

test('a deploy that waits for people shows its bar, what it waits for and Cancel, and never Approve', async () => {
  const bot = world();
  await bot.say(ANA, 'deploy v2.1.0');
  await bot.work();
  const status = await statusOf(bot);
  const [work] = status.work;
  expect(work).toMatchObject({ name: 'deploy', tag: 'v2.1.0', by: 'ana', state: 'waiting', done: 2, mayCancel: true, etaAt: null });
  expect(text(status).join('\n')).toMatch(/█+░+ 2 of \d+, now: .* \(/);
  expect(text(status).join('\n')).toContain('Lock: held by ana: deploy of v2.1.0');
  expect(labels(status)).toEqual(['Cancel']);
});

test('a countdown stands first, with its end, and Cancel stops that very one', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  const status = await statusOf(bot);
  const countdown = { request: 'd-1', id: 'j-9', rule: 'error-rate', fromTag: 'v2.1.0', until: status.at + 30_000 } as const;
  const counting = { ...status, alarms: { ...status.alarms, countdown, snoozedUntil: status.at + 60_000 } };
  expect(text(counting)[0]).toBe('FAIL production: v2.1.0 is live, ROLLS BACK BY ITSELF');
  expect(text(counting).join('\n')).toContain('Rule error-rate: v2.1.0 is rolled back in 30s');
  expect(labels(counting)).toEqual(['Rollback now', 'Cancel']);
  expect(glanceMessage(counting).actions[1]?.value).toEqual({ request: 'd-1', expect: 'j-9', environment: 'production' });
});

test('several environments fit into one answer whose buttons name theirs, and each into Slack by itself', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  const status = await statusOf(bot);
  const many = Array.from({ length: 12 }, (_, at): EnvironmentStatus => ({ ...status, environment: `env-${at}` }));
  const together = statusMessage(many);
  expect(together.actions[3]).toMatchObject({ label: 'Rollback now (env-3)', value: { environment: 'env-3' } });
  expect(blockErrors(layout(together).blocks)).toEqual([]);
  expect(blockErrors(layout(glanceMessage(status)).blocks)).toEqual([]);
});

test('a folder that cannot be written is said before somebody deploys, with the next step', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await bot.clock.later(15 * MINUTE);
  const path = `${testEnvironment().root}/backups`;
  bot.host.unwritable[path] = { code: 'read-only', message: `${path} cannot be written: x`, hint: 'Look: findmnt -O ro' };
  const shown = text(await statusOf(bot));
  expect(shown[0]).toBe('FAIL production: v2.0.0 is live, but a folder CANNOT BE WRITTEN');
  expect(shown.join('\n')).toContain(`${path} cannot be written: x. Look: findmnt -O ro`);
  delete bot.host.unwritable[path];
  expect(text(await statusOf(bot))[0]).toBe('OK production: v2.0.0 is live');
});
