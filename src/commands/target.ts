// Which backup a rollback goes to: the pinned one, or one named by hand from those on disk.

import type { Environment } from '../core/config.ts';
import type { RollbackOffer } from '../core/event.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { closest } from '../core/suggest.ts';
import type { CommandContext } from './command.ts';

const NAME = /^dhash_\d{8}_\d{6}_(v[0-9A-Za-z.-]+?)\.zip$/;

export async function chooseBackup(
  { store, ports, now }: CommandContext,
  environment: Environment,
  named: string | null,
  pinned: RollbackOffer | null,
): Promise<RollbackOffer | Refusal> {
  if (named === null) return pinned ?? nothingPinned(environment);
  // The guide's command line names the path from the root; a whole path says the same.
  const file = named.replace(`${environment.root}/`, '').replace(/^(\.\/)?backups\//, '');
  const files = (await ports.backups.list(environment)).map((found) => found.file);
  const tag = NAME.exec(file)?.[1];
  if (!files.includes(file) || tag === undefined) return unknownBackup(environment, named, closest(file, files) ?? files[0] ?? null);
  const known = await store.backup(environment.name, file);
  const live = await store.liveDeployment(environment.name);
  return {
    deploymentId: live?.id ?? '',
    fromTag: live?.tag ?? 'nothing',
    toTag: known?.tag ?? tag,
    backup: file,
    backupAt: known?.createdAt ?? now,
    verifiedAt: known?.verifiedAt ?? null,
  };
}

function nothingPinned(environment: Environment): Refusal {
  return refuse(
    'backup_missing',
    `no backup is pinned for what is live in ${environment.name}`,
    `Choose one: /dhash backup list ${environment.name}, then /dhash rollback ${environment.name} FILE`,
  );
}

function unknownBackup(environment: Environment, named: string, near: string | null): Refusal {
  const hint =
    near === null
      ? `There are none: /dhash backup create ${environment.name}`
      : `Did you mean ${near}? All: /dhash backup list ${environment.name}`;
  return refuse('unknown_backup', `${environment.name} has no backup "${named.slice(0, 120)}"`, hint);
}
