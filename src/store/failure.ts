// What SQLite or the file system threw, as an error that says what to do next.

import Sqlite from 'better-sqlite3';
import { BotError } from '../core/error.ts';

interface Known {
  /** How SQLite's own code, or the file system's, begins. */
  readonly prefix: string;
  readonly code: string;
  readonly says: string;
  readonly hint: string;
}

const READ_ONLY =
  'See whether its file system is read-only (findmnt -O ro; dmesg | tail) and make it writable; a running bot then goes on without a restart.';
const RIGHTS = `Look at who owns the folder and the file (ls -ln) and run as that user. ${READ_ONLY}`;

const KNOWN: readonly Known[] = [
  {
    prefix: 'SQLITE_NOTADB',
    code: 'database-unreadable',
    says: 'is not a database',
    hint: 'Move the file away and start again, or set dataDir in dhash.yml to another folder.',
  },
  {
    prefix: 'SQLITE_CORRUPT',
    code: 'database-unreadable',
    says: 'is damaged',
    hint: 'Stop the bot, keep a copy of the file with its -wal beside it, and try: sqlite3 dhash.db ".recover"',
  },
  {
    prefix: 'SQLITE_BUSY',
    code: 'database-busy',
    says: 'was held by another process for more than 10 seconds',
    hint: 'Find who holds it: fuser -v on the file. A shell with an open transaction must end it; a stopped process must go on or be ended.',
  },
  {
    prefix: 'SQLITE_FULL',
    code: 'disk-full',
    says: 'cannot grow: the disk is full',
    hint: 'Make room (df -h), then try again; nothing that was confirmed is lost.',
  },
  { prefix: 'SQLITE_READONLY', code: 'database-not-writable', says: 'cannot be written', hint: RIGHTS },
  { prefix: 'SQLITE_CANTOPEN', code: 'database-not-writable', says: 'cannot be opened', hint: RIGHTS },
  { prefix: 'SQLITE_PERM', code: 'database-not-writable', says: 'cannot be opened', hint: RIGHTS },
  { prefix: 'SQLITE_IOERR_WRITE', code: 'database-not-writable', says: 'cannot be written', hint: READ_ONLY },
  { prefix: 'SQLITE_IOERR', code: 'database-io', says: 'could not be read or written', hint: 'Look at dmesg and the disk (df -h).' },
  { prefix: 'EIO', code: 'database-io', says: 'could not be read or written', hint: 'Look at dmesg and the disk (df -h).' },
  { prefix: 'ENOSPC', code: 'disk-full', says: 'cannot be made: the disk is full', hint: 'Make room (df -h), then try again.' },
  { prefix: 'EACCES', code: 'database-not-writable', says: 'cannot be made: no right to write there', hint: RIGHTS },
  { prefix: 'EPERM', code: 'database-not-writable', says: 'cannot be made: no right to write there', hint: RIGHTS },
  { prefix: 'EROFS', code: 'database-not-writable', says: 'cannot be written: the file system is read-only', hint: READ_ONLY },
  {
    prefix: 'E',
    code: 'database-not-writable',
    says: 'cannot be made',
    hint: 'Check dataDir in dhash.yml: it must be a folder on a local disk, and dhash.db in it a file.',
  },
];

export function storeFailure(thrown: unknown, path: string): BotError {
  if (thrown instanceof BotError) return thrown;
  const libraryCode = codeOf(thrown);
  const known = KNOWN.find(({ prefix }) => libraryCode.startsWith(prefix));
  if (known === undefined) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    return new BotError({ code: 'database-failed', message: `${path}: ${words}`, hint: null, cause: thrown });
  }
  const { code, says, hint } = known;
  return new BotError({ code, message: `${path} ${says} (${libraryCode})`, hint, cause: thrown });
}

function codeOf(thrown: unknown): string {
  if (thrown instanceof Sqlite.SqliteError) return thrown.code;
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && 'syscall' in thrown) return thrown.code;
  return '';
}
