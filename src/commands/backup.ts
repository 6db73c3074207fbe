import type { Environment } from '../core/config.ts';
import { refuse } from '../core/refusal.ts';
import { closest } from '../core/suggest.ts';
import type { Reply } from '../core/wish.ts';
import type { BackupInput } from '../jobs/inputs.ts';
import type { Command, CommandContext } from './command.ts';
import { entitled } from './entitled.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { openRequest } from './open-request.ts';
import { untilSettled } from './retry.ts';
import { chooseBackup } from './target.ts';

const VERBS = ['create', 'list', 'verify'] as const;
const USAGE = 'backup [create|list|verify] [environment] [--backup FILE]';

export const backup: Command = {
  name: 'backup',
  usage: USAGE,
  summary: 'Make, list or verify backups (list when nothing is said)',
  permission: 'own',
  changes: false,
  flags: { env: 'value', backup: 'value' },
  words: 3,
  run: async (context, { positionals, flags }) => {
    const verb = VERBS.find((known) => known === positionals[0]);
    const rest = verb === undefined ? positionals : positionals.slice(1);
    const first = rest[0];
    if (verb === undefined && first !== undefined && !Object.hasOwn(context.config.environments, first)) return unknownVerb(first);
    const environment = environmentOf(context, flags['env'] ?? first);
    if (isRefusal(environment)) return environment;
    const named = flags['backup'] ?? rest[flags['env'] === undefined ? 1 : 0];
    switch (verb) {
      case 'create':
        return create(context, environment);
      case 'verify':
        return verify(context, environment, typeof named === 'string' ? named : null);
      default:
        return list(context, environment);
    }
  },
};

async function create(context: CommandContext, environment: Environment): Promise<Reply> {
  const kind = context.actor.surface === 'schedule' ? 'nightly' : 'manual';
  return accept(context, environment, { do: 'create', kind }, `backing ${environment.name} up`);
}

/** The newest one when none is named. */
async function verify(context: CommandContext, environment: Environment, named: string | null): Promise<Reply> {
  const newest = (await context.ports.backups.list(environment))[0]?.file ?? null;
  const wanted = named ?? newest;
  if (wanted === null) return refuse('backup_missing', `${environment.name} has no backups`, `/dhash backup create ${environment.name}`);
  const chosen = await chooseBackup(context, environment, wanted, null);
  if (isRefusal(chosen)) return chosen;
  return accept(context, environment, { do: 'verify', file: chosen.backup }, `verifying ${chosen.backup}`);
}

async function accept(context: CommandContext, environment: Environment, input: BackupInput, note: string): Promise<Reply> {
  const allowed = entitled(context.actor, 'operate', context.config.people, context.ports.groups);
  if (allowed.kind === 'refused') return allowed;
  return untilSettled(() =>
    openRequest(context, {
      job: 'backup',
      environment: environment.name,
      tag: null,
      input,
      options: input.do === 'create' ? { do: 'create', kind: input.kind } : { do: 'verify', file: input.file },
      parentId: null,
      lock: { kind: 'none' },
      note,
    }),
  );
}

async function list({ store, ports }: CommandContext, environment: Environment): Promise<Reply> {
  const [files, known, deployments] = await Promise.all([
    ports.backups.list(environment),
    store.backups(environment.name),
    store.deployments(environment.name, 200),
  ]);
  const pinned = new Set(deployments.map(({ rollbackBackup }) => rollbackBackup));
  const backups = files.map(({ file, bytes }) => {
    const row = known.find((backup) => backup.file === file);
    return {
      file,
      bytes,
      tag: row?.tag ?? '?',
      createdAt: row?.createdAt ?? 0,
      verifiedAt: row?.verifiedAt ?? null,
      pinned: pinned.has(file),
    };
  });
  return { kind: 'answered', answer: { kind: 'backups', environment: environment.name, backups } };
}

function unknownVerb(word: string): Reply {
  const near = closest(word, VERBS);
  return refuse(
    'usage',
    `"${word.slice(0, 40)}" is neither create, list nor verify, nor an environment`,
    near === null ? `/dhash ${USAGE}` : `Did you mean /dhash backup ${near}?`,
  );
}
