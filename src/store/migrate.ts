// Brings a database to this program's schema, once, however many processes start at the same moment.

import { BotError } from '../core/error.ts';
import type { Connection } from './connection.ts';
import { MIGRATIONS } from './migrations.ts';

/** "dhsh": tells our file from any other SQLite database. */
const APPLICATION_ID = 0x64687368;

interface Header {
  readonly version: number;
  readonly mark: number;
  readonly tables: number;
}

// One statement, so that it cannot see half of what another process migrates.
const HEADER = `SELECT
  (SELECT user_version FROM pragma_user_version) AS version,
  (SELECT application_id FROM pragma_application_id) AS mark,
  (SELECT count(*) FROM sqlite_schema) AS tables`;

export function migrate(connection: Connection, migrations: readonly string[] = MIGRATIONS): void {
  if (versionOf(connection, migrations) === migrations.length) return;
  connection.note(() => {
    // Asked again: another process may have migrated while we waited for our turn.
    const version = versionOf(connection, migrations);
    for (const migration of migrations.slice(version)) connection.script(migration);
    connection.script(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length};`);
  });
}

function versionOf(connection: Connection, migrations: readonly string[]): number {
  const { version, mark, tables } = connection.first<Header>(HEADER) ?? { version: 0, mark: 0, tables: 0 };
  if (mark !== APPLICATION_ID && (tables > 0 || version !== 0)) {
    throw new BotError({
      code: 'database-foreign',
      message: `${connection.path} is a database of another program`,
      hint: 'Set dataDir in dhash.yml to a folder of its own.',
    });
  }
  if (version > migrations.length) {
    throw new BotError({
      code: 'database-newer',
      message: `${connection.path} has schema ${version}; this program knows up to ${migrations.length}`,
      hint: 'A newer dhash-ops has written it: start that version, or restore a copy of the database from before the upgrade.',
    });
  }
  return version;
}
