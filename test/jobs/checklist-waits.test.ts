// A checklist whose only trouble settles by itself is waited for; everything else ends the deploy at once.

import { expect, test } from 'vitest';
import type { CheckRun, Read } from '../../src/core/github.ts';
import { read, run, unread } from '../support/github.ts';
import { ask, NO_APPROVALS } from '../support/stories.ts';
import { ANA, OLGA, world } from '../support/world.ts';

const MINUTE = 60_000;
const RUNS = run('build', { conclusion: null, completedAt: null, startedAt: null });

function githubWorld(first: Read<readonly CheckRun[]>, approvals: object = NO_APPROVALS) {
  const said = { runs: first, asked: 0 };
  const config = {
    github: {
      repository: 'mobius/dhash',
      branch: 'main',
      requiredChecks: [{ name: 'build', app: null }],
      reviews: 0,
      waitForChecks: 10 * MINUTE,
    },
  };
  const bot = world({
    environment: { ...approvals, checklist: ['branch-protection', 'ci', 'approvals'] },
    config,
    github: {
      checkRuns: async () => {
        said.asked += 1;
        return said.runs;
      },
    },
  });
  return { bot, said };
}

test('a deploy waits for a check that runs, says for which, and goes on when it is green', async () => {
  const { bot, said } = githubWorld(read([RUNS]));
  const id = await ask(bot, 'deploy v2.0.0');
  const [job] = await bot.store.jobs({ requestId: id });
  expect(job).toMatchObject({ state: 'waiting', step: 'checklist' });
  expect(job?.waitReason).toMatch(/^waits until \d\d:\d\d UTC at most: ci: pending: build has not begun$/);
  await bot.work(2 * MINUTE);
  said.runs = read([run('build')]);
  await bot.work(MINUTE);
  expect((await bot.store.request(id))?.state).toBe('succeeded');
  const events = await bot.eventsOf(id);
  expect(events.filter((type) => type === 'job.waiting')).toHaveLength(1);
  expect(events.filter((type) => type === 'checklist.judged')).toHaveLength(1);
  expect(said.asked).toBeGreaterThan(3);
});

test('a wait that has lasted long enough ends the deploy with what was waited for', async () => {
  const { bot } = githubWorld(read([RUNS]));
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.work(9 * MINUTE);
  expect((await bot.store.request(id))?.state).toBe('open');
  await bot.work(4 * MINUTE);
  expect((await bot.store.request(id))?.state).toBe('failed');
  const [job] = await bot.store.jobs({ requestId: id });
  expect(job?.failure).toMatchObject({ code: 'checklist-failed', message: 'ci: unknown (pending: build has not begun)' });
});

test.each([
  ['a check turns red', read([run('build', { conclusion: 'failure' })]), 'ci: fail (build is failure)'],
  ['GitHub takes the token back', unread({ detail: 'the token is not taken' }), 'ci: unknown (the token is not taken)'],
])('a wait ends at once when %s', async (_title, then, message) => {
  const { bot, said } = githubWorld(read([RUNS]));
  const id = await ask(bot, 'deploy v2.0.0');
  said.runs = then;
  await bot.work(MINUTE);
  expect((await bot.store.request(id))?.state).toBe('failed');
  expect((await bot.store.jobs({ requestId: id }))[0]?.failure).toMatchObject({ message });
});

test('a wait can be canceled', async () => {
  const { bot } = githubWorld(read([RUNS]));
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.say(ANA, `cancel ${id}`);
  await bot.work();
  expect((await bot.store.request(id))?.state).toBe('canceled');
  expect(bot.host.done).not.toContain('fetch v2.0.0');
});

test('a rate limit is waited out until it frees up', async () => {
  const { bot, said } = githubWorld(read([]));
  said.runs = unread({ code: 'rate-limited', detail: 'the limit is used up', askAgainAt: bot.clock.now() + 5 * MINUTE });
  const id = await ask(bot, 'deploy v2.0.0');
  await bot.work(4 * MINUTE);
  expect(said.asked).toBe(1);
  said.runs = read([run('build')]);
  await bot.work(3 * MINUTE);
  expect((await bot.store.request(id))?.state).toBe('succeeded');
});

test('approvals survive GitHub being away at the moment of start', async () => {
  const { bot, said } = githubWorld(read([run('build')]), { approvals: { required: 1, fromOps: 1, expiresAfter: 60 * MINUTE } });
  const id = await ask(bot, 'deploy v2.0.0');
  said.runs = unread({ code: 'outage', detail: 'GitHub answers 502', askAgainAt: bot.clock.now() + MINUTE });
  await bot.say(OLGA, `approve ${id}`);
  await bot.work();
  expect((await bot.store.jobs({ requestId: id }))[0]).toMatchObject({ state: 'waiting', step: 'lock' });
  said.runs = read([run('build')]);
  await bot.work(3 * MINUTE);
  expect((await bot.store.request(id))?.state).toBe('succeeded');
  expect(await bot.eventsOf(id)).not.toContain('approvals.voided');
});

test('a dry run says pending and waits for nothing', async () => {
  const { bot } = githubWorld(read([RUNS]));
  const reply = await bot.say(ANA, 'deploy v2.0.0 --dry-run');
  expect(reply).toMatchObject({
    kind: 'answered',
    answer: {
      plan: {
        evidence: [
          { check: 'branch-protection', result: { kind: 'pass' } },
          { check: 'ci', result: { kind: 'unknown', detail: 'pending: build has not begun' } },
        ],
      },
    },
  });
});
