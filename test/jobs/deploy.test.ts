import { expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import { approveBoth, ask, deployed, NO_APPROVALS } from '../support/stories.ts';
import { ANA, BOB, CAROL, OLGA, STRANGER, world } from '../support/world.ts';

test('a deploy with a full quorum goes live, in the order of the operations guide', async () => {
  const bot = world();
  await deployed(bot, 'v2.0.0');
  bot.host.done.length = 0;
  const id = await deployed(bot, 'v2.1.0');

  expect((await bot.store.request(id))?.state).toBe('succeeded');
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.1.0');
  const order = [
    'backup v2.0.0',
    'fetch v2.1.0',
    'start green v2.1.0',
    'ready green v2.1.0',
    'switch green',
    'drain blue',
    'stop blue',
    'mark v2.1.0',
  ];
  expect(bot.host.done.filter((act) => order.includes(act))).toEqual(order);
});

test('the backup made before a deploy is pinned as its rollback target', async () => {
  const bot = world();
  await deployed(bot, 'v2.0.0');
  await deployed(bot, 'v2.1.0');
  const live = await bot.store.liveDeployment('production');
  expect(live).toMatchObject({ tag: 'v2.1.0', rollbackTag: 'v2.0.0', rollbackBackup: bot.host.backups[0] });
  expect((await bot.store.backup('production', bot.host.backups[0] ?? ''))?.verifiedAt).not.toBeNull();
});

test('nothing starts before two people have approved, one of them Ops', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.say(BOB, `approve ${id}`);
  await bot.say(CAROL, `approve ${id}`);
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('open');
  expect(bot.host.done).not.toContain('fetch v2.0.0');
  await bot.say(OLGA, `approve ${id}`);
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('succeeded');
});

test('the requester, a stranger and a second click by the same person fill no seat', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  expect(await bot.say(ANA, `approve ${id}`)).toMatchObject({ reason: 'not_entitled' });
  expect(await bot.say(STRANGER, `approve ${id}`)).toMatchObject({ reason: 'not_entitled' });
  expect(await bot.say(BOB, `approve ${id}`)).toMatchObject({ kind: 'done' });
  expect(await bot.say(BOB, `approve ${id}`)).toMatchObject({ reason: 'already_decided' });
  expect((await bot.store.request(id))?.approvals).toHaveLength(1);
});

test('an approver who asked for it cannot approve it', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0', BOB);
  expect(await bot.say(BOB, `approve ${id}`)).toMatchObject({ reason: 'own_request' });
});

test('a tag that moved after the approvals voids them, and says what moved', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.say(BOB, `approve ${id}`);
  bot.host.tags['v2.0.0'] = 'moved'.padEnd(40, 'f');
  await bot.say(OLGA, `approve ${id}`);
  await bot.work();
  expect(await bot.eventsOf(id)).toContain('approvals.voided');
  expect((await bot.store.request(id))?.approvals).toEqual([]);
  expect(bot.host.done).not.toContain('fetch v2.0.0');
  await approveBoth(bot, id);
  expect((await bot.store.liveDeployment('production'))?.commit).toMatch(/^moved/);
});

test('a card drawn for another digest does not count', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  expect(await bot.press(BOB, { verb: 'approve', request: id, environment: 'production', expect: 'an older digest' })).toMatchObject({
    reason: 'approval_void',
  });
});

test('approvals expire, and the environment is free again', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.clock.later(3_600_001);
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('expired');
  expect(await bot.store.lock('production')).toBeNull();
  expect(await bot.say(BOB, `approve ${id}`)).toMatchObject({ reason: 'already_decided' });
});

test('a rejection needs a reason, ends the request and frees the environment', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  expect(await bot.say(BOB, `reject ${id}`)).toMatchObject({ reason: 'usage' });
  expect(await bot.say(BOB, `reject ${id} not on a Friday`)).toMatchObject({ kind: 'done' });
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('rejected');
  expect(await bot.store.lock('production')).toBeNull();
});

test('a second deploy is refused, naming who, what and since when', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  const refused = await bot.say(BOB, 'deploy v2.1.0');
  expect(refused).toMatchObject({ reason: 'environment_locked' });
  expect(refused.kind === 'refused' && refused.message).toMatch(/held by ana since 2026-11-23T12:00:0\dZ: deploy of v2\.0\.0/);
  expect(refused.kind === 'refused' && refused.hint).toContain(id);
});

test('of two deploys asked for at the same moment one is taken, and the other is told who has the environment', async () => {
  const bot = world();
  const replies = await Promise.all([bot.say(ANA, 'deploy v2.0.0'), bot.say(BOB, 'deploy v2.1.0')]);
  expect(replies.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
  expect(replies.find(({ kind }) => kind === 'refused')).toMatchObject({ reason: 'environment_locked' });
  expect(await bot.store.requests({})).toHaveLength(1);
});

test('the same words delivered twice make one request', async () => {
  const bot = world();
  const raw = { actor: ANA, wish: { kind: 'words', text: 'deploy v2.0.0' }, channel: 'C0OPS', dedupeKey: 'envelope-1' } as const;
  const [first, second] = [await bot.app.handle(raw), await bot.app.handle(raw)];
  expect(first.kind === 'accepted' && second.kind === 'accepted' && first.request.id === second.request.id).toBe(true);
});

test.each(['backup', 'start', 'ready', 'fetch'])('a failure in "%s" leaves the live version alone', async (step) => {
  const bot = world({ environment: NO_APPROVALS });
  await ask(bot, 'deploy v2.0.0');
  await bot.work();
  bot.host.failures[step] = Array.from({ length: 5 }, () => new BotError({ code: 'boom', message: 'it broke', hint: 'Mend it.' }));
  const id = await ask(bot, 'deploy v2.1.0');
  await bot.work(30_000);
  expect((await bot.store.request(id))?.state).toBe('failed');
  expect(bot.host.active).toBe('blue');
  expect(bot.host.running.blue?.tag).toBe('v2.0.0');
  expect(bot.host.running.green).toBeUndefined();
  expect(await bot.store.lock('production')).toBeNull();
});

test('a switch that fails goes back to the old slot by itself', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await ask(bot, 'deploy v2.0.0');
  await bot.work();
  bot.host.failures['switch'] = [new BotError({ code: 'proxy-reload-failed', message: 'nginx said no', hint: null })];
  const id = await ask(bot, 'deploy v2.1.0');
  await bot.work(30_000);
  expect((await bot.store.request(id))?.state).toBe('failed');
  expect(bot.host).toMatchObject({ active: 'blue', running: { blue: { tag: 'v2.0.0' } } });
});

test('smoke tests that fail after the switch bring the stopped old version back', async () => {
  const bot = world({
    environment: { ...NO_APPROVALS, smoke: [{ kind: 'run', name: 'hash', argv: ['smoke'], critical: true, timeout: 1_000 }] },
  });
  await ask(bot, 'deploy v2.0.0');
  await bot.work();
  bot.host.failures['run'] = [new BotError({ code: 'command-failed', message: 'exit code 1', hint: null })];
  const id = await ask(bot, 'deploy v2.1.0');
  await bot.work(30_000);
  expect((await bot.store.request(id))?.state).toBe('failed');
  expect(bot.host.done.slice(-12)).toEqual(expect.arrayContaining(['start blue v2.0.0', 'switch blue', 'stop green']));
  expect(bot.host).toMatchObject({ active: 'blue', running: { blue: { tag: 'v2.0.0' } }, markers: { version: 'v2.0.0' } });
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.0.0');
});

// nginx is set up before the first deploy, so its upstream names a slot in which nothing has ever run.
test('a proxy that names a slot where nothing is live makes no old version of it', async () => {
  const smoke = [{ kind: 'run', name: 'hash', argv: ['smoke'], critical: true, timeout: 1_000 }] as const;
  const bot = world({ environment: { ...NO_APPROVALS, smoke } });
  bot.host.active = 'blue';
  bot.host.failures['run'] = [new BotError({ code: 'command-failed', message: 'exit code 1', hint: null })];
  const failed = await ask(bot, 'deploy v2.0.0');
  await bot.work(30_000);
  const told = await bot.store.eventsOf(failed);
  expect(told.find(({ type }) => type === 'job.ended')?.data).toMatchObject({ outcome: 'failed', failure: { step: 'smoke' } });
  expect(told.filter(({ type }) => type === 'step.failed')).toHaveLength(1);

  bot.host.active = 'blue';
  bot.host.running = {};
  const first = await ask(bot, 'deploy v2.0.0');
  await bot.work(30_000);
  expect((await bot.store.request(first))?.state).toBe('succeeded');
  expect(bot.host).toMatchObject({ active: 'green', running: { green: { tag: 'v2.0.0' } } });
  expect((await bot.store.eventsOf(first)).filter(({ type }) => type === 'traffic.measured')).toEqual([]);
});

test('a service that answers another version through the public port is not a success', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await ask(bot, 'deploy v2.0.0');
  await bot.work();
  bot.host.health.version = 'v2.0.0';
  const id = await ask(bot, 'deploy v2.1.0');
  await bot.work(60_000);
  const request = await bot.store.request(id);
  expect(request?.state).toBe('failed');
  expect(bot.host.active).toBe('blue');
});

test('a service that dies right after the switch is not a success: the old version takes over again', async () => {
  const bot = world({ environment: NO_APPROVALS });
  await ask(bot, 'deploy v2.0.0');
  await bot.work();
  const { switchTo } = bot.ports.traffic;
  const dies = bot.ports.traffic;
  Object.assign(dies, {
    switchTo: async (...to: Parameters<typeof switchTo>) => {
      await switchTo(...to);
      if (to[1] === 'green') delete bot.host.running.green;
    },
  });
  const id = await ask(bot, 'deploy v2.1.0');
  await bot.work(60_000);
  expect((await bot.store.request(id))?.state).toBe('failed');
  const ended = (await bot.store.eventsOf(id)).find(({ type }) => type === 'job.ended');
  expect(ended?.data).toMatchObject({
    failure: { step: 'observe', code: 'version-not-seen', message: expect.stringContaining('no version') },
  });
  expect(bot.host).toMatchObject({ active: 'blue', running: { blue: { tag: 'v2.0.0' } } });
  expect((await bot.store.liveDeployment('production'))?.tag).toBe('v2.0.0');
});

test('a cancel before the switch undoes what was begun; after it, it is refused', async () => {
  const bot = world();
  const id = await ask(bot, 'deploy v2.0.0');
  expect(await bot.say(ANA, `cancel ${id}`)).toMatchObject({ kind: 'done' });
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('canceled');
  expect(await bot.store.lock('production')).toBeNull();
  expect(await bot.say(ANA, `cancel ${id}`)).toMatchObject({ reason: 'nothing_to_cancel' });
});

test('a dry run shows the plan and changes nothing', async () => {
  const bot = world();
  const reply = await bot.say(ANA, 'deploy v2.1.0 --dry-run');
  expect(reply).toMatchObject({ kind: 'answered', answer: { kind: 'plan', plan: { tag: 'v2.1.0', fromTag: null } } });
  expect(await bot.store.requests({})).toEqual([]);
  expect(bot.host.done.filter((act) => !act.startsWith('resolve'))).toEqual([]);
});

test.each([['v1;touch x'], ['-rf'], ['v1$(id)'], ['../x'], ['v2.1.0\u0000'], ['V2.1.0']])(
  'refuses the tag %j before it reaches anything',
  async (tag) => {
    const bot = world();
    const reply = await bot.app.handle({ actor: ANA, wish: { kind: 'words', text: ['deploy', tag] }, channel: 'C0OPS', dedupeKey: 'x' });
    expect(reply).toMatchObject({ kind: 'refused', reason: 'unknown_tag' });
    expect(bot.host.done).toEqual([]);
  },
);
