// Where a rollback goes: the backup that was pinned, proved again before it is trusted.

import { formatBytes } from '../../core/bytes.ts';
import { BotError } from '../../core/error.ts';
import type { Step } from '../../core/job.ts';
import { formatUtc } from '../../core/time.ts';
import { rollbackInput } from '../inputs.ts';
import { ground, tell } from '../outputs.ts';

/** How long a deploy that was told to turn back is waited for. */
const TAKE_OVER_MS = 2 * 60_000;
const LOOK_AGAIN_MS = 500;

export const takeOver: Step = {
  name: 'take-over',
  title: 'Take the environment over',
  timeoutMs: 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async ({ job, ports, store }) => {
    const open = await store.jobs({ environment: job.environment, open: true });
    const other = open.find(({ id, name }) => id !== job.id && (name === 'deploy' || name === 'rollback'));
    const now = ports.clock.now();
    if (other === undefined) return { kind: 'done', output: null };
    if (now - job.createdAt < TAKE_OVER_MS) {
      return { kind: 'wait', until: now + LOOK_AGAIN_MS, why: `waits for the ${other.name} ${other.requestId} to let go` };
    }
    throw new BotError({
      code: 'environment-busy',
      message: `the ${other.name} ${other.requestId} does not let go of ${job.environment}`,
      hint: 'Its worker may hang: restart the bot, then roll back again.',
    });
  },
};

/** The whole-file checksum is always looked at, in an emergency and with --no-verify too; everything inside only when there is time. */
export const verifyTarget: Step = {
  name: 'verify',
  title: 'Verify the backup',
  timeoutMs: 30 * 60_000,
  attempts: 1,
  afterCrash: 'rerun',
  run: async ({ job, environment, ports, store, signal }) => {
    const { file, emergency, noVerify } = rollbackInput(job);
    const quick = emergency || noVerify === true;
    const found = await ports.backups.verify(environment, file, quick ? 'checksum' : 'full', signal);
    const known = await store.backup(environment.name, file);
    if (found.kind === 'broken') {
      return {
        kind: 'failed',
        failure: {
          code: 'backup-broken',
          message: `${file} must not be restored: ${found.detail}`,
          hint: `Choose another: bin/dhash backup list --env ${environment.name}, then bin/dhash rollback --env ${environment.name} --backup FILE`,
          tail: [],
        },
        events: [tell(job, 'backup.verified', { file, ok: false, detail: found.detail })],
      };
    }
    const detail = `${found.files} files, ${formatBytes(found.bytes)}, sha256 ${found.sha256.slice(0, 12)}, made ${formatUtc(found.createdAt)}`;
    return {
      kind: 'done',
      output: { sha256: found.sha256 },
      note: quick ? `checksum right (${found.sha256.slice(0, 12)})` : detail,
      changes: known === null || quick ? [] : [{ kind: 'backup.save', backup: { ...known, verifiedAt: ports.clock.now() } }],
      events: [tell(job, 'backup.verified', { file, ok: true, detail })],
    };
  },
};

/** Restoring data under a running service would lose what it writes meanwhile; this is the one rollback with downtime, and it says so. */
export const stopForData: Step = {
  name: 'stop-live',
  title: 'Stop the service, because data is restored too',
  timeoutMs: (environment) => environment.service.stopTimeout + 30_000,
  attempts: 1,
  afterCrash: 'rerun',
  when: (job) => rollbackInput(job).withData,
  run: async ({ job, environment, ports }) => {
    const { activeSlot } = ground.need(job);
    if (activeSlot !== null) await ports.slots.stop(environment, activeSlot);
    return { kind: 'done', output: null, note: activeSlot ?? 'nothing ran' };
  },
};

export const unpack: Step = {
  name: 'unpack',
  title: 'Unpack the backup as a release',
  timeoutMs: 30 * 60_000,
  attempts: 2,
  afterCrash: 'rerun',
  run: async ({ job, environment, ports, signal }) => {
    const { file, withData } = rollbackInput(job);
    const { release, tag, commit } = await ports.backups.restore({ environment, file, id: job.id, data: withData, signal });
    await ports.releases.linkShared(environment, release);
    return { kind: 'done', output: { release, tag, commit }, note: withData ? `${tag}, and its data` : `${tag}; data left as it is` };
  },
};
