import { asBotError } from '../../core/error.ts';
import type { Step } from '../../core/job.ts';
import { makeBackup } from '../make-backup.ts';
import { ground } from '../outputs.ts';

const HALF_HOUR_MS = 30 * 60_000;

/** A rerun finds the finished file by its name, which is made from when the step first began. */
export const backup: Step = {
  name: 'backup',
  title: 'Back up what is live, and pin it',
  timeoutMs: HALF_HOUR_MS,
  attempts: 2,
  afterCrash: 'rerun',
  run: async (context) => {
    const { liveTag, liveRelease, liveCommit } = ground.need(context.job);
    if (liveTag === null || liveRelease === null) {
      return { kind: 'done', output: { file: null, tag: null }, note: 'nothing is live yet: nothing to go back to' };
    }
    const made = await makeBackup(context, { kind: 'pre-deploy', release: liveRelease, tag: liveTag, commit: liveCommit });
    return { kind: 'done', output: { file: made.backup.file, tag: liveTag }, note: made.note, changes: made.changes, events: made.events };
  },
};

/** Keeps what a rollback leaves behind. It must never be the reason a rollback could not happen, so a failure is told and passed over. */
export const safetyBackup: Step = {
  name: 'backup',
  title: 'Safety backup of the present state',
  timeoutMs: HALF_HOUR_MS,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    const { liveTag, liveRelease, liveCommit } = ground.need(context.job);
    if (liveTag === null) return { kind: 'done', output: { file: null, tag: null }, note: 'nothing is live' };
    try {
      const made = await makeBackup(context, { kind: 'safety', release: liveRelease, tag: liveTag, commit: liveCommit });
      return {
        kind: 'done',
        output: { file: made.backup.file, tag: liveTag },
        note: made.note,
        changes: made.changes,
        events: made.events,
      };
    } catch (thrown) {
      if (context.signal.aborted) throw thrown;
      return { kind: 'done', output: { file: null, tag: null }, note: `none was made: ${asBotError(thrown).message}` };
    }
  },
};
