import { expect, test } from 'vitest';
import { REASONS } from '../../src/core/refusal.ts';
import { ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, BOB, CAROL, OLGA, SHELL, STRANGER, world } from '../support/world.ts';

test.each([
  ['deplyo v2.0.0', 'unknown_command', 'Did you mean /dhash deploy?'],
  ['deploy', 'usage', '/dhash deploy <tag>'],
  ['deploy v2.0.0 prodution', 'unknown_environment', 'Did you mean production?'],
  ['deploy v2.0.9', 'unknown_tag', 'Newest: v2.1.0'],
  ['deploy v2.0.0 --dryrun', 'usage', 'Did you mean --dry-run?'],
  ['status nowhere', 'unknown_environment', 'Known: production'],
  ['approve d-nope', 'unknown_request', ''],
  ['backup lst', 'usage', 'Did you mean /dhash backup list?'],
  ['unlock', 'not_locked', ''],
  ['lock', 'usage', ''],
  ['lock "  "', 'usage', ''],
  ['cancel', 'nothing_to_cancel', ''],
  ['rollback', 'backup_missing', '/dhash backup list'],
])('"%s" is refused with reason %s and a hint', async (text, reason, hint) => {
  const bot = world();
  const reply = await bot.say(OLGA, text);
  expect(reply).toMatchObject({ kind: 'refused', reason });
  expect(reply.kind === 'refused' ? (reply.hint ?? '') : '').toContain(hint);
});

test('every refusal is kept in the audit, with who, what and why', async () => {
  const bot = world();
  await bot.say(STRANGER, 'deploy v2.0.0');
  const events = await bot.store.eventsAfter(0, 10);
  expect(events.at(-1)).toMatchObject({
    type: 'command.refused',
    actor: { id: 'U0STRANGER' },
    data: { text: 'deploy v2.0.0', reason: 'not_entitled' },
  });
  expect(REASONS).toContain('not_entitled');
});

test('an empty list of people means nobody', async () => {
  const bot = world({
    config: { people: { reviewers: [], ops: [], deployLead: null, oncall: null, mediaEng: null, engineeringManager: null, shell: {} } },
  });
  for (const text of ['deploy v2.0.0', 'rollback', 'lock now', 'backup create', 'approve d-1']) {
    expect(await bot.say(ANA, text)).toMatchObject({ kind: 'refused', reason: 'not_entitled' });
  }
});

test('a user group that cannot be looked up lets nobody in', async () => {
  const bot = world({
    config: {
      people: {
        reviewers: ['S0REVIEW'],
        ops: ['S0OPS'],
        deployLead: null,
        oncall: null,
        mediaEng: null,
        engineeringManager: null,
        shell: {},
      },
    },
  });
  expect(await bot.say(ANA, 'deploy v2.0.0')).toMatchObject({ kind: 'refused', reason: 'membership_unknown' });
});

test('deploys and rollbacks are taken in the ops channel alone; status works everywhere', async () => {
  const bot = world();
  const elsewhere = (text: string) => bot.app.handle({ actor: OLGA, wish: { kind: 'words', text }, channel: 'C0OTHER', dedupeKey: text });
  expect(await elsewhere('deploy v2.0.0')).toMatchObject({ kind: 'refused', reason: 'wrong_channel' });
  expect(await elsewhere('rollback')).toMatchObject({ kind: 'refused', reason: 'wrong_channel' });
  expect(await elsewhere('status')).toMatchObject({ kind: 'answered' });
});

test('a lock by hand keeps deploys out, names its owner and reason, and is lifted by unlock', async () => {
  const bot = world({ environment: NO_APPROVALS });
  expect(await bot.say(OLGA, 'lock "database maintenance"')).toMatchObject({ kind: 'done' });
  const refused = await bot.say(ANA, 'deploy v2.0.0');
  expect(refused).toMatchObject({ kind: 'refused', reason: 'environment_locked', message: expect.stringContaining('held by olga') });
  expect(refused).toMatchObject({ message: expect.stringContaining('database maintenance') });
  await bot.say(ANA, 'unlock');
  expect(await bot.say(ANA, 'deploy v2.0.0')).toMatchObject({ kind: 'accepted' });
});

test("nobody unlocks what a deploy holds: it is the deploy's until it ends", async () => {
  const bot = world();
  await ask(bot, 'deploy v2.0.0');
  expect(await bot.say(OLGA, 'unlock')).toMatchObject({ kind: 'refused', reason: 'environment_locked' });
});

test('the holder, the reason and the waiting job are shown by status', async () => {
  const bot = world();
  await ask(bot, 'deploy v2.0.0');
  const reply = await bot.say(STRANGER, 'status');
  expect(reply).toMatchObject({
    kind: 'answered',
    answer: {
      environments: [{ lock: { reason: 'deploy of v2.0.0', by: { name: 'ana' } }, openJobs: [{ name: 'deploy', state: 'waiting' }] }],
    },
  });
});

test('--help of any verb acts on nothing', async () => {
  const bot = world();
  expect(await bot.say(OLGA, 'rollback --help')).toMatchObject({ kind: 'answered', answer: { kind: 'help' } });
  expect(await bot.store.requests({})).toEqual([]);
});

test('cancel without an id ends what holds the default environment; strangers cannot', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  expect(await bot.say(STRANGER, 'cancel')).toMatchObject({ kind: 'refused', reason: 'not_entitled' });
  expect(await bot.say(ANA, 'cancel')).toMatchObject({ kind: 'done' });
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('canceled');
});

test('two approvals of one version at once both count, once each', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  const digest = (await bot.store.request(id))?.digest ?? null;
  const button = { verb: 'approve', request: id, environment: 'production', expect: digest } as const;
  const replies = await Promise.all([bot.press(BOB, button), bot.press(BOB, button), bot.press(CAROL, button), bot.press(OLGA, button)]);
  expect(replies.filter(({ kind }) => kind === 'done')).toHaveLength(3);
  expect((await bot.store.request(id))?.approvals.map(({ by }) => by.id).sort()).toEqual(['U0BOB', 'U0CAROL', 'U0OPS']);
});

test('two deploys asked for at once: one is accepted, one is refused', async () => {
  const bot = world();
  const replies = await Promise.all([bot.say(ANA, 'deploy v2.0.0'), bot.say(BOB, 'deploy v2.1.0')]);
  expect(replies.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
});

test('a shell user who is not mapped to a person may look and do nothing', async () => {
  const bot = world();
  const nobody = { surface: 'shell', id: 'shell:guest', name: 'guest' } as const;
  const say = (text: string[]) => bot.app.handle({ actor: nobody, wish: { kind: 'words', text }, channel: null, dedupeKey: text.join() });
  expect(await say(['status'])).toMatchObject({ kind: 'answered' });
  expect(await say(['deploy', '--env', 'production', '--tag', 'v2.0.0'])).toMatchObject({
    kind: 'refused',
    hint: expect.stringContaining('people.shell.guest'),
  });
});

test('an approval typed in a shell counts like one pressed in Slack', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0', BOB);
  const refused = await bot.app.handle({ actor: SHELL, wish: { kind: 'words', text: ['approve', id] }, channel: null, dedupeKey: 's1' });
  expect(refused).toMatchObject({ reason: 'not_entitled' });
  await bot.app.handle({
    actor: { ...SHELL, id: 'U0OPS' },
    wish: { kind: 'words', text: ['approve', id] },
    channel: null,
    dedupeKey: 's2',
  });
  expect((await bot.store.request(id))?.approvals).toHaveLength(1);
});

test('history lists how requests ended, and backups which one is pinned', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  expect(await bot.say(STRANGER, 'history')).toMatchObject({
    answer: {
      requests: [
        { tag: 'v2.1.0', state: 'succeeded' },
        { tag: 'v2.0.0', state: 'succeeded' },
      ],
    },
  });
  expect(await bot.say(STRANGER, 'backup')).toMatchObject({ answer: { backups: [{ tag: 'v2.0.0', pinned: true }] } });
});
