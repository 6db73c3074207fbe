// Thins what was sampled long ago, a part at a time: the loop stands still meanwhile, and must not do so the longer the more of a past there is.

import type { Change } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import type { Connection } from './connection.ts';
import { getSetting, putSetting } from './settings.ts';

/** One pass ends with the job that reaches either: some 20 watches of an hour. */
const MOST_ROWS = 2_000;
const MOST_JOBS = 500;

type Thin = Extract<Change, { kind: 'sample.thin' }>;

interface JobRow {
  readonly id: string;
  readonly created: Instant;
  /** 1 = every sample of it is as old as what is thinned now: it need not be looked at again. */
  readonly over: 0 | 1;
}

/** Goes on with the jobs where the last pass ended, oldest first; what is left is the next pass's. */
export function thin(db: Connection, thinning: Thin): null {
  const { environment, before } = thinning;
  const key = `thinned ${environment}`;
  const from = Number(getSetting(db, key) ?? 0);
  let [rows, reached, allOver] = [0, from, true];
  for (const { id, created, over } of jobsFrom(db, { environment, before, from })) {
    rows += thinJob(db, id, thinning);
    allOver &&= over === 1;
    if (allOver) reached = created;
    if (rows >= MOST_ROWS) break;
  }
  if (reached !== from) putSetting(db, key, reached);
  return null;
}

function jobsFrom(
  db: Connection,
  { environment, before, from }: { environment: string; before: Instant; from: Instant },
): readonly JobRow[] {
  return db.all<JobRow>(
    `SELECT id, created_at AS created,
       NOT EXISTS (SELECT 1 FROM samples WHERE job_id = jobs.id AND at >= @before) AS over
     FROM jobs WHERE environment = @environment AND created_at >= @from AND created_at < @before ORDER BY created_at, n LIMIT ${MOST_JOBS}`,
    { environment, before, from },
  );
}

function thinJob(db: Connection, id: string, { before, every }: Thin): number {
  return db.run(
    `DELETE FROM samples WHERE job_id = @id AND at < @before AND EXISTS
       (SELECT 1 FROM samples AS first WHERE first.job_id = @id AND first.at >= samples.at - samples.at % @every AND first.at < samples.at)`,
    { id, before, every },
  );
}
