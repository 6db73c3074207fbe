import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstBroken } from '../../src/core/chain.ts';
import { event } from '../../src/core/event.ts';
import { openStore } from '../../src/store/open.ts';
import { freshPath, opened } from './place.ts';
import { anEvent } from './records.ts';

/** A log of `count` events, then changed by somebody with the file in hand and the guards taken off. */
async function tampered(count: number, script: string) {
  const path = freshPath();
  const { store, audit } = opened(path);
  await store.commit(
    [],
    Array.from({ length: count }, () => anEvent()),
    1,
  );
  const raw = new Sqlite(path);
  raw.exec(`DROP TRIGGER events_never_change; DROP TRIGGER events_never_go; DROP TRIGGER events_follow; ${script}`);
  raw.close();
  return audit.verifyChain();
}

describe('the audit log', () => {
  it('cannot be changed, cut or numbered anew, not even over a connection of its own', async () => {
    const path = freshPath();
    const { store } = opened(path);
    await store.commit([], [anEvent(), anEvent()], 1);
    const raw = new Sqlite(path);
    const copy = `SELECT at, type, data, prev_hash, hash FROM events WHERE seq = 1`;
    for (const attempt of [
      `UPDATE events SET data = '{}' WHERE seq = 1`,
      'DELETE FROM events WHERE seq = 2',
      `INSERT INTO events (seq, at, type, data, prev_hash, hash) SELECT 9, * FROM (${copy})`,
      `INSERT OR REPLACE INTO events (seq, at, type, data, prev_hash, hash) SELECT 1, * FROM (${copy})`,
    ])
      expect(() => raw.exec(attempt), attempt).toThrow(expect.objectContaining({ code: 'SQLITE_CONSTRAINT_TRIGGER' }));
    raw.close();
  });

  it('is whole over many batches, and empty when nothing happened', async () => {
    const { store, audit } = opened(':memory:');
    expect(await audit.verifyChain()).toEqual({ count: 0, head: null, broken: null });
    for (let n = 0; n < 6; n += 1)
      await store.commit(
        [],
        Array.from({ length: 100 }, () => anEvent()),
        n,
      );
    const head = await store.head();
    expect(await audit.verifyChain()).toEqual({ count: 600, head: { seq: 600, hash: head?.hash }, broken: null });
  });

  it.each([
    ['a changed word', `UPDATE events SET data = '{"reason":"nothing happened"}' WHERE seq = 400`, 399, 'content differs from its hash'],
    ['a changed time', 'UPDATE events SET at = 2 WHERE seq = 400', 399, 'content differs from its hash'],
    ['a missing line', 'DELETE FROM events WHERE seq = 251', 250, 'expected number 251'],
    ['a missing first line', 'DELETE FROM events WHERE seq = 1', 0, 'expected number 1'],
    ['text that is not JSON', `UPDATE events SET data = '{' WHERE seq = 400`, 399, 'events 400 cannot be read: not JSON'],
    ['an actor that is nobody', `UPDATE events SET actor = '{"id":1}' WHERE seq = 3`, 2, 'events 3 cannot be read'],
  ])('shows %s', async (_, script, count, why) => {
    const report = await tampered(500, script);
    expect(report).toMatchObject({ count, broken: { why: expect.stringContaining(why) } });
    expect(report.head?.seq ?? 0).toBe(count);
  });

  it('is exported as lines that prove themselves', async () => {
    const { store, audit } = opened(':memory:');
    await store.commit([], [anEvent(), anEvent(null)], 1);
    const lines = [...audit.exportEvents()];
    expect(lines.map((line) => JSON.parse(line))).toEqual(await store.eventsAfter(0, 10));
    expect(lines.some((line) => line.includes('\n'))).toBe(false);
    expect(
      firstBroken(
        lines.map((line) => JSON.parse(line)),
        null,
      ),
    ).toBeNull();
  });

  it('verifies after a round trip whatever the events carry', async () => {
    const options = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.string({ unit: 'binary' }), fc.boolean()));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(options, fc.string({ unit: 'binary' }), fc.double()), { maxLength: 8 }), async (given) => {
        const { store, audit, close } = openStore({ path: ':memory:', now: () => 0 });
        const scope = { environment: null, requestId: 'd-1', jobId: null, actor: null };
        const events = given.flatMap(([told, text, number]) => [
          event(scope, 'request.made', { kind: 'deploy', tag: text, options: told, parentId: null, expected: { build: number } }),
          event(scope, 'step.finished', { step: text, index: number, of: 1, direction: 'forward', durationMs: 0, note: null }),
        ]);
        await store.commit([], events, 1);
        expect(await audit.verifyChain()).toMatchObject({ count: events.length, broken: null });
        close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('the registry of processes', () => {
  it('lists who works here until they are removed', async () => {
    const { processes } = opened(':memory:');
    await processes.register({ owner: 'host:2:9', role: 'worker', at: 20 });
    await processes.register({ owner: 'host:1:8', role: 'shell', at: 10 });
    await processes.register({ owner: 'host:2:9', role: 'all', at: 30 });
    expect(await processes.list()).toEqual([
      { owner: 'host:1:8', role: 'shell', at: 10 },
      { owner: 'host:2:9', role: 'all', at: 30 },
    ]);
    await processes.remove('host:1:8');
    expect((await processes.list()).map(({ role }) => role)).toEqual(['all']);
  });
});
