// Opens the database and hands out everything that is kept in it, over one connection.

import type { BotError } from '../core/error.ts';
import type { Inbox, Outbox } from '../core/mailbox.ts';
import type { Store } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { type Audit, createAudit } from './audit.ts';
import { cancels, claim, owners, release, renew } from './claim.ts';
import { commit } from './commit.ts';
import { type Connection, connect } from './connection.ts';
import type { Flush } from './flush.ts';
import { saveProgress } from './glance-readers.ts';
import { createInbox } from './inbox.ts';
import { migrate } from './migrate.ts';
import { createOutbox, type NoticeDepth, noticeDepths } from './outbox.ts';
import { makePlace, placeTrouble } from './place.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createReader } from './readers.ts';
import { getSetting, setSetting } from './settings.ts';

export interface OpenStore {
  readonly store: Store;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  /** The same queue as seen by the channels beside Slack. */
  readonly notices: Outbox & { readonly depths: () => Promise<readonly NoticeDepth[]> };
  readonly processes: Processes;
  readonly audit: Audit;
  /** A `changed` of its own for each loop: `store.changed` answers only one of them. */
  readonly watch: () => () => boolean;
  /** Why nothing can be kept any more; null = it can. */
  readonly trouble: () => BotError | null;
  readonly close: () => void;
}

export interface OpenOptions {
  readonly path: string;
  readonly now: () => Instant;
  readonly flush?: Flush;
}

/**
 * `path` is a file on a local disk, or ':memory:'. Throws BotError `database-unreadable`, `database-newer`, `database-foreign`,
 * `database-not-writable`, `database-busy`, `disk-full`.
 */
export function openStore({ path, now, flush }: OpenOptions): OpenStore {
  makePlace(path);
  const db = connect(path, flush);
  try {
    migrate(db);
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  return {
    store: createStore(db),
    inbox: createInbox(db, now),
    outbox: createOutbox(db),
    notices: { ...createOutbox(db, 'notices'), depths: async () => noticeDepths(db) },
    processes: createProcesses(db),
    audit: createAudit(db),
    watch: db.watch,
    trouble: () => placeTrouble(path),
    close: db.close,
  };
}

function createStore(db: Connection): Store {
  return {
    ...createReader(db),
    commit: async (changes, events, at) => commit(db, changes, events, at),
    claim: async (asked) => claim(db, asked),
    renew: async (owner, leaseUntil, jobIds) => renew(db, { owner, leaseUntil, jobIds }),
    cancels: async (owner) => cancels(db, owner),
    release: async (owner) => release(db, owner),
    owners: async () => owners(db),
    showProgress: async (jobId, progress) => saveProgress(db, jobId, progress),
    get: async (key) => getSetting(db, key),
    set: async (key, value) => setSetting(db, key, value),
    changed: db.watch(),
    onWrite: db.onWrite,
    close: db.close,
  };
}
