// Two processes on one database, and people who press everything at once in both: one effect each.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { Actor } from '../../src/core/actor.ts';
import type { RawRequest, Wish } from '../../src/core/wish.ts';
import type { Outcome, Volley } from '../fixtures/races/clicker.ts';
import { ANA, BOB, CAROL, OLGA, STRANGER, type World, world } from '../support/world.ts';

const CLICKER = fileURLToPath(new URL('../fixtures/races/clicker.ts', import.meta.url));
const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const TAGS = ['v1.9.0', 'v2.0.0', 'v2.1.0'] as const;

interface Arena {
  /** Carries what was asked for; the others only press. */
  readonly bot: World;
  /** Both processes hand these in at the same moment; the keys named `same` are delivered twice. */
  readonly both: (wishes: readonly Wished[]) => Promise<readonly Outcome[]>;
  /** How many wishes were handed in so far. */
  readonly count: () => number;
}

type Wished = { readonly by: Actor; readonly wish: Wish; readonly same?: boolean };

export async function arena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), 'dhash-races-'));
  const path = join(folder, 'dhash.db');
  const bot = world({ path });
  const processes = [1, 2].map((each) =>
    fork(CLICKER, [path, String(each * 1_000_000)], { execPath: NODE, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
  );
  onTestFinished(async () => {
    await Promise.all(processes.map(end));
    bot.opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await Promise.all(processes.map((child) => once(child, 'message')));
  let count = 0;
  let volleys = 0;

  return {
    bot,
    count: () => count,
    both: async (wishes) => {
      volleys += 1;
      const answers = processes.map((child) => once(child, 'message'));
      for (const [place, child] of processes.entries()) {
        const raws = wishes.map(({ by, wish, same }, index): RawRequest => {
          const dedupeKey = `volley-${volleys}-${index}-${same === true ? 'both' : place}`;
          return { actor: by, wish, channel: 'C0OPS', dedupeKey };
        });
        const volley: Volley = { now: bot.clock.now(), backups: bot.host.backups, wishes: raws };
        child.send(volley);
        count += raws.length;
      }
      const outcomes = (await Promise.all(answers)).flatMap(([said]) => said as readonly Outcome[]);
      expect(outcomes.filter(({ kind }) => kind === 'threw')).toEqual([]);
      return outcomes;
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

type Race = (arena: Arena) => Promise<void>;

/** Deploys by four people and of all tags, some of them delivered to both: one holds the environment, the others are told so. */
const deploys: Race = async ({ bot, both }) => {
  const before = (await bot.store.requests({ limit: 100_000 })).length;
  const tags = await otherTags(bot);
  const outcomes = await both(
    [ANA, BOB, CAROL, OLGA].flatMap((by) =>
      tags.map((tag, index) => ({ by, wish: say(`deploy ${tag} --no-monitor --override again`), same: index === 0 })),
    ),
  );
  const accepted = new Set(outcomes.flatMap(({ request }) => request ?? []));
  expect(accepted.size).toBe(1);
  const [id = ''] = accepted;
  expect((await bot.store.requests({ limit: 100_000 })).length).toBe(before + 1);
  expect(await bot.store.lock('production')).toMatchObject({ holder: id });
  expect(outcomes.filter(({ kind }) => kind !== 'accepted').map(({ reason }) => reason)).toEqual(
    outcomes.filter(({ kind }) => kind !== 'accepted').map(() => 'environment_locked'),
  );
  await bot.say(OLGA, `cancel ${id}`);
  await ended(bot, id, ['canceled']);
};

/** Three people approve twice in both processes: each counts once, and the deploy begins once. */
const approvals: Race = async ({ bot, both }) => {
  const id = await waiting(bot);
  const { digest } = (await bot.store.request(id)) ?? {};
  const fetched = bot.host.fetched.length;
  const press = (expect: string | null | undefined) => button('approve', id, expect ?? null);
  const outcomes = await both(
    [BOB, BOB, CAROL, OLGA, OLGA, ANA, STRANGER].flatMap((by) => [
      { by, wish: press(digest) },
      { by, wish: say(`approve ${id}`) },
    ]),
  );
  expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(3);
  expect((await bot.store.request(id))?.approvals.map(({ by }) => by.id).sort()).toEqual(['U0BOB', 'U0CAROL', 'U0OPS']);
  expect(await told(bot, id, 'approval.given')).toBe(3);
  await ended(bot, id, ['succeeded']);
  expect([bot.host.fetched.length - fetched, await told(bot, id, 'approvals.filled')]).toEqual([1, 1]);
};

const cancels: Race = async ({ bot, both }) => {
  const id = await waiting(bot);
  const outcomes = await both(
    [ANA, OLGA, ANA, OLGA, BOB].flatMap((by) => [
      { by, wish: say(`cancel ${id}`) },
      { by, wish: button('cancel', id, null) },
    ]),
  );
  expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(1);
  expect(await told(bot, id, 'cancel.asked')).toBe(1);
  await ended(bot, id, ['canceled']);
};

/** Yes, no and stop at once: one of them is how it ends, and nothing is deployed by halves. */
const everything: Race = async ({ bot, both }) => {
  const id = await waiting(bot);
  const fetched = bot.host.fetched.length;
  await both([
    { by: BOB, wish: say(`approve ${id}`) },
    { by: OLGA, wish: say(`approve ${id}`) },
    { by: CAROL, wish: { ...button('reject', id, null), input: 'not today' } },
    { by: ANA, wish: say(`cancel ${id}`) },
    { by: BOB, wish: say('deploy v2.1.0 --override again') },
    { by: CAROL, wish: say(`reject ${id} not today`) },
  ]);
  const state = await ended(bot, id, ['canceled', 'rejected', 'succeeded']);
  expect(bot.host.fetched.length - fetched).toBe(state === 'succeeded' ? 1 : 0);
};

const unlocks: Race = async ({ bot, both }) => {
  await bot.say(OLGA, 'lock production maintenance');
  const outcomes = await both([ANA, OLGA, ANA, OLGA].map((by) => ({ by, wish: say('unlock') })));
  expect(outcomes.map(({ kind, reason }) => reason ?? kind).sort()).toEqual(['done', ...Array.from({ length: 7 }, () => 'not_locked')]);
};

/** A rollback pressed by everybody while a deploy waits turns it back once. */
const turningBack: Race = async ({ bot, both }) => {
  const id = await waiting(bot);
  const outcomes = await both([ANA, OLGA, ANA, OLGA].map((by) => ({ by, wish: button('rollback', '', null) })));
  expect(outcomes.map(({ kind, reason }) => reason ?? kind).sort()).toEqual([
    ...Array.from({ length: 7 }, () => 'already_decided'),
    'done',
  ]);
  expect(await told(bot, id, 'cancel.asked')).toBe(1);
  await ended(bot, id, ['canceled']);
};

/** The button under what is live, pressed by everybody: it goes back once. */
const rollbacks: Race = async ({ bot, both }) => {
  const id = await waiting(bot);
  for (const by of [BOB, OLGA]) await bot.say(by, `approve ${id}`);
  await ended(bot, id, ['succeeded']);
  const live = await bot.store.liveDeployment('production');
  const restored = bot.host.done.filter((act) => act.startsWith('restore')).length;
  const outcomes = await both([ANA, OLGA, ANA, OLGA, ANA, BOB].map((by) => ({ by, wish: button('rollback', '', live?.id ?? null) })));
  const accepted = new Set(outcomes.flatMap(({ request }) => request ?? []));
  expect(accepted.size).toBe(1);
  const [back = ''] = accepted;
  // Its watch goes on for a while.
  for (let round = 0; round < 400 && (await bot.store.request(back))?.state === 'open'; round += 1) await bot.work(60_000);
  expect(await bot.store.request(back)).toMatchObject({ state: 'succeeded' });
  expect(bot.host.done.filter((act) => act.startsWith('restore')).length - restored).toBeLessThanOrEqual(1);
  expect((await bot.store.liveDeployment('production'))?.tag).toBe(live?.rollbackTag);
};

export const RACES: readonly Race[] = [deploys, approvals, cancels, everything, unlocks, turningBack, approvals, rollbacks];

function say(text: string): Wish {
  return { kind: 'words', text };
}

function button(verb: 'approve' | 'cancel' | 'reject' | 'rollback', request: string, expect: string | null) {
  return { kind: 'button', verb, request, environment: 'production', expect, flags: [], input: null } as const;
}

async function otherTags(bot: World): Promise<readonly string[]> {
  const live = await bot.store.liveDeployment('production');
  return TAGS.filter((tag) => tag !== live?.tag);
}

/** A deploy that waits for approvals. */
async function waiting(bot: World): Promise<string> {
  const [tag] = await otherTags(bot);
  const reply = await bot.say(ANA, `deploy ${tag} --no-monitor --override again`);
  if (reply.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(reply)}`);
  const { id } = reply.request;
  for (let round = 0; round < 20 && ((await bot.store.request(id))?.digest ?? null) === null; round += 1) await bot.work(100);
  return id;
}

async function told(bot: World, id: string, type: string): Promise<number> {
  return (await bot.eventsOf(id)).filter((each) => each === type).length;
}

/** Carries it to its end: one end, one of these, and the environment is free again. */
async function ended(bot: World, id: string, states: readonly string[]): Promise<string> {
  for (let round = 0; round < 20 && (await bot.store.jobs({ requestId: id, open: true })).length > 0; round += 1) await bot.work();
  const state = (await bot.store.request(id))?.state ?? 'unknown';

  expect(states).toContain(state);
  expect([await told(bot, id, 'request.ended'), await bot.store.lock('production')]).toEqual([1, null]);
  expect((await bot.opened.audit.verifyChain()).broken).toBeNull();
  return state;
}
