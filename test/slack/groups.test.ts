import { beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { createGroups, createStoredGroups, groupIds } from '../../src/slack/groups.ts';
import type { Outcome } from '../../src/slack/outcome.ts';
import { testClock } from '../support/clock.ts';
import { keptLog } from '../support/slack/world.ts';

const MINUTE = 60_000;
const kept = new Map<string, Json>();
const store = {
  get: async (key: string) => kept.get(key) ?? null,
  set: async (key: string, value: Json) => {
    kept.set(key, value);
  },
};
let answers: Outcome<readonly string[]>[] = [];
let asked = 0;

function world() {
  const clock = testClock();
  const log = keptLog();
  const list = async () => {
    asked += 1;
    return answers.shift() ?? { kind: 'ok' as const, value: ['U0ALICE'] };
  };
  return { clock, log, groups: createGroups({ ids: ['S0OPS'], list, store, clock, log }) };
}

beforeEach(() => {
  kept.clear();
  answers = [];
  asked = 0;
});

describe('the members of a user group', () => {
  it('are not known before Slack answered', () => {
    expect(world().groups.members('S0OPS')).toBeNull();
  });

  it('are known after it answered, and asked again every five minutes', async () => {
    const { clock, groups } = world();
    const stop = new AbortController();
    const running = groups.run(stop.signal);
    await clock.later(0);
    expect(groups.members('S0OPS')).toEqual(['U0ALICE']);
    await clock.later(10 * MINUTE);
    expect(asked).toBe(3);
    stop.abort();
    await running;
  });

  it('may be nobody, when Slack says so', async () => {
    const { groups } = world();
    answers = [{ kind: 'ok', value: [] }];
    await groups.refresh();
    expect(groups.members('S0OPS')).toEqual([]);
  });

  it('stay known through an outage for 30 minutes and not longer', async () => {
    const { clock, groups, log } = world();
    await groups.refresh();
    answers = Array.from({ length: 3 }, () => ({ kind: 'unsent' as const, code: 'ECONNREFUSED' }));
    await groups.refresh();
    await clock.later(30 * MINUTE);
    expect(groups.members('S0OPS')).toEqual(['U0ALICE']);
    await clock.later(1);
    expect(groups.members('S0OPS')).toBeNull();
    await groups.refresh();
    expect(log.lines).toMatchObject([{ facts: { code: 'ECONNREFUSED' } }]);
  });

  it.each(['no_such_subteam', 'plan_upgrade_required'])('are not known any more after %s', async (code) => {
    const { groups } = world();
    await groups.refresh();
    answers = [{ kind: 'refused', code, needed: null }];
    await groups.refresh();
    expect(groups.members('S0OPS')).toBeNull();
    const next = world();
    await next.groups.load();
    expect(next.groups.members('S0OPS')).toBeNull();
  });

  it('are taken over by the next process, with their age', async () => {
    const { groups } = world();
    await groups.refresh();
    const next = world();
    await next.groups.load();
    expect(next.groups.members('S0OPS')).toEqual(['U0ALICE']);
    await next.clock.later(31 * MINUTE);
    expect(next.groups.members('S0OPS')).toBeNull();
  });

  it('are known to a process that does not ask Slack as long as another one does, and forgotten with it', async () => {
    const { clock, log, groups } = world();
    await groups.refresh();
    const people = { reviewers: ['S0OPS'], ops: [], deployLead: null, oncall: null, mediaEng: null, engineeringManager: null, shell: {} };
    const stored = createStoredGroups(people, { store, clock, log });
    const stop = new AbortController();
    const following = stored.follow(stop.signal);
    await clock.later(10 * MINUTE);
    expect([stored.members('S0OPS'), stored.asOf('S0OPS')]).toEqual([['U0ALICE'], clock.now() - 10 * MINUTE]);
    answers = [{ kind: 'ok', value: ['U0BOB'] }];
    await groups.refresh();
    await clock.later(MINUTE);
    expect(stored.members('S0OPS')).toEqual(['U0BOB']);
    await clock.later(30 * MINUTE);
    expect([stored.members('S0OPS'), stored.asOf('S0OPS')]).toEqual([null, null]);
    await groups.refresh();
    await clock.later(MINUTE);
    expect(stored.members('S0OPS')).toEqual(['U0ALICE']);
    answers = [{ kind: 'refused', code: 'no_such_subteam', needed: null }];
    await groups.refresh();
    await clock.later(MINUTE);
    expect(stored.members('S0OPS')).toBeNull();
    stop.abort();
    await following;
    expect(asked).toBe(4);
  });

  it('are not known when the clock was set back', async () => {
    const { clock, groups } = world();
    await groups.refresh();
    clock.jump(-60 * MINUTE);
    expect(groups.members('S0OPS')).toBeNull();
  });
});

it('looks up each group named among the people once', () => {
  const people = {
    reviewers: ['U0BOB', 'S0REVIEW'],
    ops: ['S0OPS'],
    deployLead: 'U0LEAD',
    oncall: 'S0OPS',
    mediaEng: null,
    engineeringManager: null,
    shell: {},
  };
  expect(groupIds(people)).toEqual(['S0REVIEW', 'S0OPS']);
});
