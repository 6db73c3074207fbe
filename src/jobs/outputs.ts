// What steps leave behind for later steps, read back from JSON with a check.

import { z } from 'zod';
import type { Scrape } from '../checks/scrape.ts';
import { BotError } from '../core/error.ts';
import { type EventMap, type EventType, event, type NewEvent } from '../core/event.ts';
import type { Job } from '../core/job.ts';
import { baseline } from './inputs.ts';

export interface Output<T> {
  /** null = the step has not finished (or had nothing to do). */
  readonly find: (job: Job) => T | null;
  readonly need: (job: Job) => T;
}

export function outputOf<T>(step: string, schema: z.ZodType<T>): Output<T> {
  function find(job: Job): T | null {
    const stored = job.outputs[step];
    return stored === undefined || stored === null ? null : schema.parse(stored);
  }
  return {
    find,
    need: (job) => {
      const found = find(job);
      if (found !== null) return found;
      throw new BotError({ code: 'output-missing', message: `job ${job.id} has no output of step "${step}"`, hint: null });
    },
  };
}

/** Events about a job, from inside one of its steps. */
export function tell<T extends EventType>(job: Job, type: T, data: EventMap[T]): NewEvent {
  return event({ environment: job.environment, requestId: job.requestId, jobId: job.id, actor: null }, type, data);
}

const slot = z.enum(['blue', 'green']);

/** What stood on the host before anything was changed. */
export const ground = outputOf(
  'validate',
  z.strictObject({
    activeSlot: slot.nullable(),
    targetSlot: slot,
    liveRelease: z.string().nullable(),
    liveTag: z.string().nullable(),
    liveCommit: z.string().nullable(),
  }),
);

/** The backup this job made before it changed anything; `file` null = there was nothing to back up. */
export const madeBackup = outputOf('backup', z.strictObject({ file: z.string().nullable(), tag: z.string().nullable() }));

const release = z.strictObject({ release: z.string(), tag: z.string(), commit: z.string() });
export type IncomingRelease = z.infer<typeof release>;
const fetched = outputOf('fetch', release);
const unpacked = outputOf('unpack', release);

/** The release on its way in: fetched by a deploy, unpacked by a rollback. */
export const incoming: Output<IncomingRelease> = {
  find: (job) => fetched.find(job) ?? unpacked.find(job),
  need: (job) => fetched.find(job) ?? unpacked.need(job),
};

/** The counters and the moment of the first look at what is live, for the second one to compare with. */
export const firstLook = outputOf('first-look', z.looseObject({ scrape: z.custom<Scrape>().nullable() }));

/** What was measured before the switch. */
export const before = outputOf('baseline', baseline);

/** The watch's fixed place in wall-clock time. */
export const watchWindow = outputOf(
  'window',
  z.strictObject({ from: z.number(), until: z.number(), deploymentId: z.string(), tag: z.string() }),
);
