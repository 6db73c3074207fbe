// Which processes work on this database, so that a shell can see whether a worker is there. Whether one still lives is judged by who asks.

import type { Instant } from '../core/time.ts';
import type { Connection } from './connection.ts';

export interface RegisteredProcess {
  /** `host:pid:startTime`, as in a job's owner. */
  readonly owner: string;
  /** `bot`, `worker`, `all`, `shell`. */
  readonly role: string;
  /** When it registered. */
  readonly at: Instant;
}

export interface Processes {
  /** Registering again replaces the role and the time. */
  readonly register: (process: RegisteredProcess) => Promise<void>;
  /** Oldest first; a killed process stays in it until somebody removes it. */
  readonly list: () => Promise<readonly RegisteredProcess[]>;
  readonly remove: (owner: string) => Promise<void>;
}

export function createProcesses(db: Connection): Processes {
  return {
    register: async ({ owner, role, at }) => {
      db.note(() =>
        db.run(
          `INSERT INTO processes (owner, role, at) VALUES (@owner, @role, @at)
           ON CONFLICT (owner) DO UPDATE SET role = excluded.role, at = excluded.at`,
          { owner, role, at },
        ),
      );
    },
    list: async () => db.all<RegisteredProcess>('SELECT owner, role, at FROM processes ORDER BY at, owner'),
    remove: async (owner) => {
      db.note(() => db.run('DELETE FROM processes WHERE owner = @owner', { owner }));
    },
  };
}
