// The one connection to SQLite: durable when a write resolves, shared with other processes, and with every library error told as ours.

import Sqlite from 'better-sqlite3';
import { storeFailure } from './failure.ts';
import { type Flush, flushOfLog } from './flush.ts';
import { createNews, type News } from './news.ts';

export type Value = string | number | null;
/** By name: `@name` in the text. */
export type Values = Readonly<Record<string, Value>>;

export interface Connection {
  readonly path: string;
  /** `Row` is what the text selects; STRICT tables keep the column types true, `rows.ts` checks the JSON inside. */
  readonly all: <Row>(text: string, values?: Values) => readonly Row[];
  readonly first: <Row>(text: string, values?: Values) => Row | null;
  /** Answers how many rows it changed. Only inside `write` or `note`. */
  readonly run: (text: string, values?: Values) => number;
  /**
   * One BEGIN IMMEDIATE transaction, made before this returns; resolves when it is on the disk. `keep` false rolls everything back; so
   * does a throw. Whatever is told or done outside because of it waits for that.
   */
  readonly write: <T>(work: () => T, keep?: (result: T) => boolean) => Promise<T>;
  /** As `write`, for what can be found out again: a kill keeps it, a power cut before the next `write` takes it back. */
  readonly note: <T>(work: () => T) => T;
  /** Several statements without values; for the schema. */
  readonly script: (text: string) => void;
  /** A question that answers true once after any process has written, and the first time it is asked. */
  readonly watch: () => () => boolean;
  /** See `News`. */
  readonly onWrite: News['onWrite'];
  readonly close: () => void;
}

/** Another process holds the write lock for a millisecond or two; this long only when something is wrong with it. */
const BUSY_MS = 10_000;
const WAL_SWITCH_TRIES = 400;
const WAL_SWITCH_PAUSE_MS = 25;
/** 4 MB of log before it is folded into the database, 16 MB kept of it at most after a burst. */
const CHECKPOINT_PAGES = 1_000;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

export function connect(path: string, flush: Flush = flushOfLog(path)): Connection {
  const database = guarded(path, () => openDatabase(path));
  const statements = new Map<string, Sqlite.Statement<[Values]>>();
  const dataVersion = database.prepare<[]>('PRAGMA data_version').pluck();
  const begin = database.prepare<[]>('BEGIN IMMEDIATE');
  const commit = database.prepare<[]>('COMMIT');
  const rollback = database.prepare<[]>('ROLLBACK');
  const news = createNews(path);
  let touched = 0;
  let ownWrites = 0;

  function prepared(text: string): Sqlite.Statement<[Values]> {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare<[Values]>(text);
    statements.set(text, statement);
    return statement;
  }

  function transaction<T>(work: () => T, keep: (result: T) => boolean): { readonly result: T; readonly kept: boolean } {
    touched = 0;
    begin.run();
    try {
      const result = work();
      const kept = keep(result);
      (kept ? commit : rollback).run();
      if (kept && touched > 0) {
        ownWrites += 1;
        news.told();
      }
      return { result, kept };
    } catch (thrown) {
      if (database.inTransaction) rollback.run();
      throw thrown;
    }
  }

  async function flushed(): Promise<void> {
    try {
      await flush.flushed();
    } catch (thrown) {
      throw storeFailure(thrown, path);
    }
  }

  return {
    path,
    all: <Row>(text: string, values: Values = {}) => guarded(path, () => prepared(text).all(values) as Row[]),
    first: <Row>(text: string, values: Values = {}) => guarded(path, () => (prepared(text).get(values) ?? null) as Row | null),
    run: (text, values = {}) => {
      const { changes } = guarded(path, () => prepared(text).run(values));
      touched += changes;
      return changes;
    },
    write: async (work, keep = () => true) => {
      const { result, kept } = guarded(path, () => transaction(work, keep));
      if (kept) await flushed();
      return result;
    },
    note: (work) => guarded(path, () => transaction(work, () => true).result),
    script: (text) => {
      guarded(path, () => database.exec(text));
    },
    watch: () => {
      let seen = '';
      return () => {
        const now = `${ownWrites}:${guarded(path, () => dataVersion.get())}`;
        const news = now !== seen;
        seen = now;
        return news;
      };
    },
    onWrite: news.onWrite,
    close: () => {
      news.close();
      flush.close();
      database.close();
    },
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw storeFailure(thrown, path);
  }
}

function openDatabase(path: string): Sqlite.Database {
  const database = new Sqlite(path, { timeout: BUSY_MS });
  try {
    if (path !== ':memory:') switchToWal(database);
    // A commit goes to the log and is brought to the disk by `flush`, before anything is said or done about it: as durable as FULL, and
    // the loop does not stand still for the disk.
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

/** Two processes that open a new file at once may each keep the other from switching; SQLite then fails at once, whatever the timeout. */
function switchToWal(database: Sqlite.Database): void {
  if (database.pragma('journal_mode', { simple: true }) === 'wal') return;
  for (let left = WAL_SWITCH_TRIES; ; left -= 1) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (thrown) {
      if (!(thrown instanceof Sqlite.SqliteError) || !thrown.code.startsWith('SQLITE_BUSY') || left === 0) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_SWITCH_PAUSE_MS);
    }
  }
}
