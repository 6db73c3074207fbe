// Small named values that outlive a process.

import type { Json } from '../core/json.ts';
import type { Connection } from './connection.ts';
import { parse } from './rows.ts';
import * as shapes from './shapes.ts';

/** null when it was never set. */
export function getSetting(db: Connection, key: string): Json {
  const row = db.first<{ value: string }>('SELECT value FROM settings WHERE key = @key', { key });
  return row === null ? null : parse(shapes.json, row.value, `settings ${key}`);
}

/** Setting what is there already writes nothing. */
export async function setSetting(db: Connection, key: string, value: Json): Promise<void> {
  await db.write(() => putSetting(db, key, value));
}

/** The same inside a transaction that is under way. */
export function putSetting(db: Connection, key: string, value: Json): void {
  db.run(
    `INSERT INTO settings (key, value) VALUES (@key, @value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value`,
    { key, value: JSON.stringify(value) },
  );
}
