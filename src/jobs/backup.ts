import { BotError } from '../core/error.ts';
import type { JobDefinition, Step } from '../core/job.ts';
import { endRequest } from './ending.ts';
import { backupInput } from './inputs.ts';
import { makeBackup } from './make-backup.ts';
import { ground, tell } from './outputs.ts';
import { pruneBackups, thinning } from './steps/prune.ts';
import { validate } from './steps/validate.ts';

const HALF_HOUR_MS = 30 * 60_000;

const create: Step = {
  name: 'backup',
  title: 'Back up what is live, and verify it',
  timeoutMs: HALF_HOUR_MS,
  attempts: 2,
  afterCrash: 'rerun',
  when: (job) => backupInput(job).do === 'create',
  run: async (context) => {
    const { liveTag, liveRelease, liveCommit } = ground.need(context.job);
    const input = backupInput(context.job);
    if (liveTag === null) {
      throw new BotError({
        code: 'nothing-live',
        message: `nothing is live in ${context.environment.name}: there is nothing to back up`,
        hint: `Deploy first: /dhash deploy TAG ${context.environment.name}`,
      });
    }
    const kind = input.do === 'create' ? input.kind : 'manual';
    const made = await makeBackup(context, { kind, release: liveRelease, tag: liveTag, commit: liveCommit });
    return { kind: 'done', output: { file: made.backup.file, tag: liveTag }, note: made.note, changes: made.changes, events: made.events };
  },
};

const clearOld: Step = {
  name: 'prune',
  title: 'Remove backups past their time',
  timeoutMs: 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => backupInput(job).do === 'create',
  run: async (context) => {
    const { changes, events } = await pruneBackups(context);
    return { kind: 'done', output: null, note: `${events.length} removed`, changes: [...changes, thinning(context)], events };
  },
};

const verify: Step = {
  name: 'verify',
  title: 'Verify the backup',
  timeoutMs: HALF_HOUR_MS,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => backupInput(job).do === 'verify',
  run: async ({ job, environment, ports, store, signal }) => {
    const input = backupInput(job);
    const file = input.do === 'verify' ? input.file : '';
    const found = await ports.backups.verify(environment, file, 'full', signal);
    const known = await store.backup(environment.name, file);
    const verifiedAt = found.kind === 'verified' ? ports.clock.now() : null;
    const changes = known === null ? [] : [{ kind: 'backup.save' as const, backup: { ...known, verifiedAt } }];
    if (found.kind === 'verified') {
      const detail = `${found.tag}, ${found.files} files, sha256 ${found.sha256.slice(0, 12)}`;
      return {
        kind: 'done',
        output: null,
        note: `${file}: ${detail}`,
        changes,
        events: [tell(job, 'backup.verified', { file, ok: true, detail })],
      };
    }
    return {
      kind: 'failed',
      failure: {
        code: 'backup-broken',
        message: `${file}: ${found.detail}`,
        hint: `Make a new one: bin/dhash backup create --env ${environment.name}`,
        tail: [],
      },
      changes,
      events: [tell(job, 'backup.verified', { file, ok: false, detail: found.detail })],
    };
  },
};

/** `backup create` and `backup verify`, and the nightly one. It takes no lock: it changes nothing that is live. */
export const backup: JobDefinition = {
  name: 'backup',
  steps: [{ ...validate, when: (job) => backupInput(job).do === 'create' }, create, clearOld, verify],
  back: [],
  pointOfNoCancel: null,
  finish: endRequest,
};
