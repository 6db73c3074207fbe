// Questions of `status`: each one look into an index made for it, however long the history is.

import { z } from 'zod';
import type { EventOf } from '../core/event.ts';
import type { GateEvent, GlanceReader, Progress } from '../core/glance.ts';
import type { Connection } from './connection.ts';
import { type BodyRow, type EventRow, parse, toEvent } from './rows.ts';
import * as shapes from './shapes.ts';

interface RunRow extends BodyRow {
  readonly started: number | null;
  readonly finished: number | null;
}

const progress: z.ZodType<Progress> = z.looseObject({
  jobId: z.string(),
  requestId: z.string(),
  step: z.string(),
  direction: z.enum(['forward', 'back']),
  attempt: z.number(),
  at: z.number(),
  printed: z.number(),
  lines: z.array(z.string()),
  service: z.array(z.string()),
});

// The conditions of the partial indexes, word for word: SQLite uses such an index only then.
export const NEWEST_OF = `SELECT * FROM events
  WHERE type IN ('checklist.judged', 'monitor.updated', 'monitor.ended') AND environment = @environment AND type = @type
  ORDER BY seq DESC LIMIT 1`;
export const NEWEST_VERIFIED = `SELECT body FROM backups
  WHERE environment = @environment AND (CASE WHEN json_valid(body) THEN body ->> 'verifiedAt' END) IS NOT NULL ORDER BY created_at DESC, file DESC LIMIT 1`;
export const RUNS = `SELECT r.body, j.body ->> 'startedAt' AS started, j.body ->> 'finishedAt' AS finished
  FROM (SELECT id, at, n, body FROM requests
    WHERE environment = @environment AND (CASE WHEN json_valid(body) THEN body ->> 'kind' END) IN ('deploy', 'rollback') ORDER BY at DESC, n DESC LIMIT @limit) AS r
  LEFT JOIN jobs AS j ON j.request_id = r.id AND j.body ->> 'name' = r.body ->> 'kind'
  ORDER BY r.at DESC, r.n DESC`;

export function createGlanceReader(db: Connection): GlanceReader {
  const read = ({ body }: BodyRow) => parse(progress, body, 'progress');
  return {
    newestOf: async <T extends GateEvent>(environment: string, type: T) => {
      const row = db.first<EventRow>(NEWEST_OF, { environment, type });
      // The row was asked for by this very type.
      return row === null ? null : (toEvent(row) as EventOf<T>);
    },
    newestVerified: async (environment) => {
      const row = db.first<BodyRow>(NEWEST_VERIFIED, { environment });
      return row === null ? null : parse(shapes.backup, row.body, 'backups');
    },
    runs: async (environment, limit) =>
      db.all<RunRow>(RUNS, { environment, limit }).map(({ body, started, finished }) => ({
        request: parse(shapes.request, body, 'requests'),
        startedAt: started,
        finishedAt: finished,
      })),
    progressOf: async (requestId) => {
      const row = db.first<BodyRow>('SELECT body FROM progress WHERE request_id = @requestId ORDER BY at DESC LIMIT 1', { requestId });
      return row === null ? null : read(row);
    },
    progress: async () => db.all<BodyRow>('SELECT body FROM progress ORDER BY job_id').map(read),
  };
}

/** null = the step is over. */
export function saveProgress(db: Connection, jobId: string, row: Progress | null): void {
  // Every step asks for this at its end, and few have printed: a look first, so that nobody's write lock is taken.
  if (row === null && db.first('SELECT 1 FROM progress WHERE job_id = @jobId', { jobId }) === null) return;
  db.note(() => {
    if (row === null) return db.run('DELETE FROM progress WHERE job_id = @jobId', { jobId });
    return db.run(
      `INSERT INTO progress (job_id, request_id, at, body) VALUES (@jobId, @requestId, @at, @body)
       ON CONFLICT (job_id) DO UPDATE SET request_id = excluded.request_id, at = excluded.at, body = excluded.body`,
      { jobId, requestId: row.requestId, at: row.at, body: JSON.stringify(row) },
    );
  });
}
