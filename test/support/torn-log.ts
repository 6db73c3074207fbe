// A database whose last writes a power cut tore: the story of two deploys, what people were told and when, and the log cut off anywhere.

import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StoredEvent } from '../../src/core/event.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { approveBoth, ask } from './stories.ts';
import { OLGA, world } from './world.ts';

export interface TellingLog {
  readonly folder: string;
  readonly bytes: Buffer;
  readonly events: readonly StoredEvent[];
  /** From this length of the log on people knew so many events. */
  readonly told: readonly { readonly length: number; readonly events: number }[];
  readonly remove: () => void;
}

const DATABASE = 'dhash.db';

/** Whatever is told is told after its commit: each commit counts as told the moment it answers. */
export async function tellingLog(): Promise<TellingLog> {
  const folder = mkdtempSync(join(tmpdir(), 'dhash-torn-'));
  const path = join(folder, DATABASE);
  openStore({ path, now: () => 0 }).close();
  copyFileSync(path, join(folder, 'before'));
  const told: { length: number; events: number }[] = [];
  const bot = world({ path });
  const note = async () => {
    told.push({ length: statSync(`${path}-wal`).size, events: (await bot.store.head())?.seq ?? 0 });
  };
  const reached = async (id: string, type: StoredEvent['type']) => {
    // The disk is a real one: the test clock alone does not bring it on.
    while (!(await bot.eventsOf(id)).includes(type)) await bot.work(10);
    await note();
  };
  for (const tag of ['v2.0.0', 'v2.1.0']) {
    const id = await ask(bot, `deploy ${tag} --no-monitor`);
    await reached(id, 'approvals.opened');
    await approveBoth(bot, id);
    await reached(id, 'request.ended');
  }
  await bot.say(OLGA, 'lock production the weekend');
  await note();
  const bytes = readFileSync(`${path}-wal`);
  const events = await bot.store.eventsAfter(0, 100_000);
  bot.opened.close();
  return { folder, bytes, events, told, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What stands in the log behind the cut: nothing, zeros, what was there before, or the same with one bit turned. */
const BEHIND: readonly ((bytes: Buffer, at: number) => Buffer)[] = [
  () => Buffer.alloc(0),
  (bytes, at) => Buffer.alloc(bytes.length - at),
  (bytes, at) => randomBytes(bytes.length - at),
  (bytes, at) => Buffer.concat([Buffer.from([(bytes[at] ?? 0) ^ 1]), bytes.subarray(at + 1)]),
];

/** Opens the database with the log cut off at `at`; `nth` chooses what stands behind the cut. */
export async function expectWholeAfterCut(log: TellingLog, at: number, nth: number): Promise<void> {
  const path = join(log.folder, 'cut.db');
  for (const name of [path, `${path}-shm`]) rmSync(name, { force: true });
  copyFileSync(join(log.folder, 'before'), path);
  const behind = BEHIND[nth % BEHIND.length]?.(log.bytes, at) ?? Buffer.alloc(0);
  writeFileSync(`${path}-wal`, Buffer.concat([log.bytes.subarray(0, at), behind]));
  const opened = openStore({ path, now: () => 0 });
  try {
    await expectPrefix(log, opened, at);
    await expectStateOfEvents(opened);
  } finally {
    opened.close();
  }
}

async function expectPrefix(log: TellingLog, { store, audit }: OpenStore, at: number): Promise<void> {
  const events = await store.eventsAfter(0, 100_000);
  expect(events, `cut at ${at}`).toEqual(log.events.slice(0, events.length));
  expect((await audit.verifyChain()).broken).toBeNull();
  const told = log.told.findLast(({ length }) => length <= at)?.events ?? 0;
  expect(events.length, `cut at ${at}: something that was told is missing`).toBeGreaterThanOrEqual(told);
}

/** The tables say what the log says, no more and no less. */
async function expectStateOfEvents({ store }: OpenStore): Promise<void> {
  const events = await store.eventsAfter(0, 100_000);
  const requests = await store.requests({});
  const idsOf = (type: StoredEvent['type']) => events.filter((told) => told.type === type).map(({ requestId }) => requestId);
  expect(requests.map(({ id }) => id).toSorted()).toEqual(idsOf('request.made').toSorted());
  const ended = requests.filter(({ state }) => state !== 'open').map(({ id }) => id);
  expect(ended.toSorted()).toEqual(idsOf('request.ended').toSorted());
  const approvals = requests.reduce((sum, request) => sum + request.approvals.length, 0);
  expect(approvals).toBe(idsOf('approval.given').length);
  const live = await store.liveDeployment('production');
  expect(live?.requestId ?? null).toBe(idsOf('version.live').at(-1) ?? null);
  const held = idsOf('lock.taken').length - idsOf('lock.released').length;
  expect((await store.lock('production')) === null ? 0 : 1).toBe(held);
}
