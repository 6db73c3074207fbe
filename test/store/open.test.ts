import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/store/connection.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/open.ts';
import { createReader, jobsQuery } from '../../src/store/readers.ts';
import { freshPath, opened } from './place.ts';
import { anEvent, aRequest, aSample } from './records.ts';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return null;
}
const open = (path: string) => thrownBy(() => openStore({ path, now: () => 1 }).close());

/** A file made with SQLite itself. */
function made(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const raw = new Sqlite(path);
  raw.exec(script);
  raw.close();
  return path;
}

describe('opening the database', () => {
  it('makes a folder and files that only their owner may read', async () => {
    const path = freshPath();
    await opened(path).store.set('k', 1);
    expect([mode(dirname(path)), mode(path), mode(`${path}-wal`), mode(`${path}-shm`)]).toEqual(['700', '600', '600', '600']);
  });

  it('takes others’ rights from a file that is there, and leaves a folder that is there alone', () => {
    const path = freshPath();
    mkdirSync(dirname(path), { mode: 0o755 });
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    opened(path);
    expect([mode(dirname(path)), mode(path)]).toEqual(['755', '600']);
  });

  it('keeps its log whole on every connection, not only on the first: each write then waits for the disk', () => {
    const path = freshPath();
    for (const connection of [connect(made(path, '')), connect(path)]) {
      const asked = ['journal_mode', 'synchronous', 'foreign_keys'].map((pragma) =>
        Object.values(connection.first<Record<string, unknown>>(`PRAGMA ${pragma}`) ?? {}),
      );
      expect(asked).toEqual([['wal'], [1], [1]]);
      expect(connection.first('PRAGMA busy_timeout')).toEqual({ timeout: 10_000 });
      connection.close();
    }
  });

  it('says so when the file is no database, and leaves it as it is', () => {
    const path = freshPath();
    mkdirSync(dirname(path));
    writeFileSync(path, 'these are my notes, not a database\n'.repeat(100));
    expect(open(path)).toMatchObject({ code: 'database-unreadable', message: `${path} is not a database (SQLITE_NOTADB)` });
    expect(readFileSync(path, 'utf8')).toContain('my notes');
  });

  it('refuses a database that a newer version has written', () => {
    const path = freshPath();
    opened(path).close();
    made(path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(open(path)).toMatchObject({ code: 'database-newer', hint: expect.stringContaining('start that version') });
  });

  it('refuses the database of another program', () => {
    const path = made(freshPath(), 'CREATE TABLE theirs (a)');
    expect(open(path)).toMatchObject({ code: 'database-foreign' });
    expect(new Sqlite(path, { readonly: true }).prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['theirs']);
  });

  it.each([
    ['where nobody may write', () => '/sys/dhash.db'],
    ['below a file', () => join(made(freshPath(), ''), 'dhash.db')],
    ['that is a folder', () => dirname(made(freshPath(), ''))],
  ])('says what to look at for a path %s', (_, path) => {
    expect(open(path())).toMatchObject({
      code: 'database-not-writable',
      message: expect.stringMatching(/^\/.*cannot be made/),
      hint: expect.any(String),
    });
  });

  it('tells who waits for a writer that never ends', async () => {
    const path = freshPath();
    opened(path);
    const holder = new Sqlite(path);
    holder.exec('BEGIN IMMEDIATE');
    const connection = connect(path);
    connection.first('PRAGMA busy_timeout = 20');
    await expect(connection.write(() => 1)).rejects.toMatchObject({ code: 'database-busy', hint: expect.stringContaining('fuser') });
    holder.close();
    expect(await connection.write(() => 1)).toBe(1);
    connection.close();
  });
});

describe('migrating', () => {
  const mark = 'PRAGMA application_id';

  it('applies what is missing, in order, and then nothing more', () => {
    const connection = connect(':memory:');
    const steps = ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (1)'];
    migrate(connection, steps.slice(0, 1));
    migrate(connection, steps);
    migrate(connection, steps);
    expect(connection.all('SELECT x FROM a')).toEqual([{ x: 1 }]);
    expect(connection.first('PRAGMA user_version')).toEqual({ user_version: 2 });
    expect(connection.first(mark)).toEqual({ application_id: 0x64687368 });
    connection.close();
  });

  it('lets the samples of the first version be read as what they are: not measured, and by nobody reported', async () => {
    const connection = connect(':memory:');
    migrate(connection, MIGRATIONS.slice(0, 1));
    const { alive, clientErrors, serviceCpu, serviceMemory, disk, gates, smoke, reporters, ...old } = aSample();
    connection.run(`INSERT INTO samples (job_id, at, body) VALUES ('j-1', 1000, @body)`, { body: JSON.stringify(old) });
    migrate(connection);
    const unknown = { alive: null, clientErrors: null, serviceCpu: null, serviceMemory: null, disk: null, gates: null, smoke: null };
    expect(await createReader(connection).samples('j-1', 0)).toEqual([{ ...old, ...unknown, reporters: 0 }]);
    connection.close();
  });

  it('leaves the database as it was when a step fails', () => {
    const connection = connect(':memory:');
    migrate(connection, ['CREATE TABLE a (x)']);
    const thrown = thrownBy(() => migrate(connection, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'CREATE TABLE b (x)']));
    expect(thrown).toMatchObject({ code: 'database-failed' });
    expect(connection.all('SELECT name FROM sqlite_schema')).toEqual([{ name: 'a' }]);
    expect(connection.first('PRAGMA user_version')).toEqual({ user_version: 1 });
    connection.close();
  });
});

describe('a row that something else has changed', () => {
  it('is told with its place instead of being believed', async () => {
    const path = freshPath();
    const { store } = opened(path);
    await store.commit([{ kind: 'request.create', request: aRequest() }], [anEvent()], 1);
    made(path, `UPDATE requests SET body = json_set(body, '$.state', 'great')`);
    await expect(store.request('d-1')).rejects.toMatchObject({
      code: 'row-unreadable',
      message: expect.stringContaining('requests cannot be read: state'),
    });
    made(path, `UPDATE requests SET body = 'oops'`);
    await expect(store.request('d-1')).rejects.toMatchObject({ code: 'row-unreadable', message: expect.stringContaining('not JSON') });
  });

  it('is an error that names the file once the database is closed', async () => {
    const path = freshPath();
    const { store, close } = opened(path);
    close();
    await expect(store.request('d-1')).rejects.toMatchObject({ code: 'database-failed', message: expect.stringContaining(path) });
  });
});

describe('a long history', () => {
  it.each([
    [{ environment: 'production', open: true }, 'jobs_open_in'],
    [{ open: true }, 'jobs_open'],
    [{ environment: 'production', limit: 5 }, 'jobs_by_environment'],
    [{ requestId: 'd-1', open: true }, 'jobs_by_request'],
  ])('is not read to find the jobs of %o', (filter, index) => {
    const connection = connect(':memory:');
    migrate(connection);
    const values = { environment: 'production', requestId: 'd-1', limit: 5 };
    const plan = connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${jobsQuery(filter)}`, values);
    expect(plan.map(({ detail }) => detail).join()).toContain(`USING INDEX ${index}`);
    connection.close();
  });
});

describe('idle loops', () => {
  it('write nothing', async () => {
    const path = freshPath();
    const { store, inbox, outbox, processes } = opened(path);
    const other = opened(path);
    const news = other.watch();
    news();
    const size = statSync(`${path}-wal`).size;
    await store.claim({ owner: 'a', now: 1, leaseUntil: 2, dead: ['x'] });
    await store.renew('a', 5, ['j-1']);
    await store.release('a');
    await store.owners();
    await inbox.pending(10);
    await outbox.channels();
    await outbox.enqueue([], { name: 'slack', from: 0, to: 0 });
    await processes.remove('nobody');
    expect(news()).toBe(false);
    expect(statSync(`${path}-wal`).size).toBe(size);
  });
});
