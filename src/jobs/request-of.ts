import { BotError } from '../core/error.ts';
import type { Job } from '../core/job.ts';
import type { Lock } from '../core/lock.ts';
import type { Request } from '../core/request.ts';
import type { StoreReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';

/** The request a job works for. */
export async function requestOf(store: StoreReader, job: Job): Promise<Request> {
  const request = await store.request(job.requestId);
  if (request !== null) return request;
  throw new BotError({
    code: 'request-gone',
    message: `job ${job.id} belongs to request ${job.requestId}, which the database does not have`,
    hint: 'The database was changed by hand: run bin/dhash audit verify.',
  });
}

/** The lock a request holds on its environment. */
export function lockFor(request: Request, now: Instant): Lock {
  return {
    environment: request.environment,
    holder: request.id,
    by: request.by,
    reason: `${request.kind} of ${request.tag ?? 'the service'}`,
    since: now,
  };
}
