// One backup, made and proved: nothing counts as a backup here before it was re-read and found right.

import type { Backup, BackupKind } from '../core/backup.ts';
import { formatBytes } from '../core/bytes.ts';
import { BotError } from '../core/error.ts';
import type { NewEvent } from '../core/event.ts';
import type { StepContext } from '../core/job.ts';
import type { Change } from '../core/store.ts';
import { tell } from './outputs.ts';

export interface MadeBackup {
  readonly backup: Backup;
  readonly note: string;
  readonly changes: readonly Change[];
  readonly events: readonly NewEvent[];
}

/** Throws BotError `backup-unverified` when what was written does not read back right; the file is removed then. */
export async function makeBackup(
  context: StepContext,
  what: { readonly kind: BackupKind; readonly release: string | null; readonly tag: string; readonly commit: string | null },
): Promise<MadeBackup> {
  const { environment, ports, signal } = context;
  await runBefore(context);
  const commit = what.commit ?? 'unknown';
  const made = await ports.backups.create({
    environment,
    release: what.release,
    tag: what.tag,
    commit,
    kind: what.kind,
    at: context.startedAt,
    job: context.job.id,
    signal,
  });
  const verified = await ports.backups.verify(environment, made.file, 'full', signal);
  if (verified.kind === 'broken') {
    await ports.backups.remove(environment, made.file);
    throw new BotError({
      code: 'backup-unverified',
      message: `the new backup ${made.file} does not read back as it was written: ${verified.detail}`,
      hint: `Check the disk under ${environment.root}/backups (dmesg, smartctl); then try again.`,
    });
  }
  const now = ports.clock.now();
  const { file, bytes, sha256, files } = made;
  const backup: Backup = {
    file,
    environment: environment.name,
    tag: what.tag,
    commit,
    kind: what.kind,
    createdAt: context.startedAt,
    bytes,
    sha256,
    verifiedAt: now,
  };
  return {
    backup,
    note: `${made.file}, ${formatBytes(bytes)}, ${files} files, verified`,
    changes: [{ kind: 'backup.save', backup }],
    events: [
      tell(context.job, 'backup.created', { file, tag: what.tag, kind: what.kind, bytes, files, sha256 }),
      tell(context.job, 'backup.verified', { file, ok: true, detail: `${files} files, sha256 ${sha256.slice(0, 12)}` }),
    ],
  };
}

/** Declared commands that bring data into a state worth reading, e.g. a database dump. */
async function runBefore({ environment, ports, job, signal, log }: StepContext): Promise<void> {
  for (const argv of environment.backup.before) {
    await ports.commands.run({ argv, cwd: environment.root, env: {}, timeoutMs: 10 * 60_000, signal, onLine: log, key: job.id });
  }
}
