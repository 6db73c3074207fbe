import { describe, expect, it } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import { createFlush } from '../../src/store/flush.ts';
import { openStore } from '../../src/store/open.ts';
import { madePath } from './place.ts';

/** A disk that is as slow as the test wants: each flush ends when it is told to. */
function slowDisk() {
  const begun: PromiseWithResolvers<void>[] = [];
  const sync = () => {
    const one = Promise.withResolvers<void>();
    begun.push(one);
    return one.promise;
  };
  return { begun, ...createFlush(sync) };
}

const turn = () => new Promise(setImmediate);

describe('a flush', () => {
  it('is shared by all who wait at the same time', async () => {
    const disk = slowDisk();
    const all = Promise.all([disk.flushed(), disk.flushed(), disk.flushed()]);
    await turn();
    expect(disk.begun).toHaveLength(1);
    disk.begun[0]?.resolve();
    await all;
  });

  it('that already runs does not count for what is committed later', async () => {
    const disk = slowDisk();
    const first = disk.flushed();
    await turn();
    let done = false;
    const second = disk.flushed().then(() => {
      done = true;
    });
    disk.begun[0]?.resolve();
    await first;
    await turn();
    expect([disk.begun.length, done]).toEqual([2, false]);
    disk.begun[1]?.resolve();
    await second;
  });

  it('that failed is told to those who waited for it, and the next one is tried', async () => {
    const disk = slowDisk();
    const lost = disk.flushed();
    await turn();
    disk.begun[0]?.reject(new Error('the disk is gone'));
    await expect(lost).rejects.toThrow('the disk is gone');
    const again = disk.flushed();
    await turn();
    disk.begun[1]?.resolve();
    await again;
  });
});

describe('a write', () => {
  it('is seen at once, and done only when it is on the disk', async () => {
    const disk = slowDisk();
    const db = connect(madePath(), { ...disk, close: () => {} });
    db.script('CREATE TABLE kept (value INTEGER) STRICT');
    let done = false;
    const written = db
      .write(() => db.run('INSERT INTO kept (value) VALUES (1)'))
      .then(() => {
        done = true;
      });
    await turn();
    expect([db.all('SELECT value FROM kept'), done]).toEqual([[{ value: 1 }], false]);
    disk.begun[0]?.resolve();
    await written;
    db.close();
  });

  it('that does not reach the disk is an error, not a promise', async () => {
    const gone = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
    const path = madePath();
    const db = connect(path, { flushed: () => Promise.reject(gone), close: () => {} });
    db.script('CREATE TABLE kept (value INTEGER) STRICT');
    await expect(db.write(() => db.run('INSERT INTO kept (value) VALUES (1)'))).rejects.toMatchObject({
      code: 'database-io',
      message: `${path} could not be read or written (EIO)`,
    });
    db.close();
  });

  it('that keeps nothing waits for no disk', async () => {
    const disk = slowDisk();
    const db = connect(madePath(), { ...disk, close: () => {} });
    expect(
      await db.write(
        () => 'stale',
        () => false,
      ),
    ).toBe('stale');
    expect(disk.begun).toEqual([]);
    db.close();
  });
});

describe('what the outbox notes before Slack is told more', () => {
  it('is on the disk first: an upload that may be completed already must never be completed again', async () => {
    const disk = slowDisk();
    const { outbox, close } = openStore({ path: madePath(), now: () => 1_000, flush: { ...disk, close: () => {} } });
    const entry = { key: 'chart-1', channel: 'C0OPS', to: { kind: 'chart', request: 'd-1' }, content: null, at: 1_000 } as const;
    await outbox.enqueue([entry], null);
    const id = (await outbox.head('C0OPS'))?.id ?? 0;
    const begun = outbox.begin(id, 'bot:1:1', 1_000);
    await turn();
    disk.begun[0]?.resolve();
    await begun;
    let done = false;
    const noted = outbox.ambiguous(id, 1_000, 'completing F1').then(() => {
      done = true;
    });
    await turn();
    expect([disk.begun.length, done]).toEqual([2, false]);
    disk.begun[1]?.resolve();
    await noted;
    close();
  });
});
