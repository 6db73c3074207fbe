import type { Environment } from '../core/config.ts';
import { event, type RollbackOffer } from '../core/event.ts';
import type { Job } from '../core/job.ts';
import type { Lock } from '../core/lock.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { formatDuration, formatUtc, type Instant } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { overtakeCountdowns } from '../jobs/countdowns.ts';
import { goBackOpening } from '../jobs/go-back.ts';
import { PROMISE_MS, rollbackOffer } from '../jobs/offer.ts';
import type { Button, Command, CommandContext } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { openRequest } from './open-request.ts';
import { untilSettled } from './retry.ts';
import { chooseBackup } from './target.ts';

const EMERGENCY_PROMISE_MS = 5 * 60_000;

const CHECKSUM_STAYS = '. --no-verify: its contents are not read through beforehand, its checksum is compared all the same';

interface Wanted {
  readonly environment: Environment;
  /** A backup named by hand; null = the pinned one. */
  readonly backup: string | null;
  readonly emergency: boolean;
  readonly withData: boolean;
  readonly monitor: boolean;
  /** Skips reading the backup through beforehand; its checksum is compared all the same. */
  readonly noVerify: boolean;
  /** What the person saw as live when they confirmed; null = asked without a second look (shell). */
  readonly expect: string | null;
  readonly confirmed: boolean;
  /** The backup that stood in the dialog; null = none did. */
  readonly shown: string | null;
  readonly parentId: string | null;
}

/** Never blocked by a lock, a freeze, red CI or red health: one entitled person, one confirmation. */
export const rollback: Command = {
  name: 'rollback',
  usage: 'rollback [environment] [backup] [--emergency] [--with-data] [--no-verify]',
  summary: 'Go back to the backup pinned when the live version was deployed',
  permission: 'rollback',
  changes: true,
  flags: { env: 'value', backup: 'value', emergency: 'switch', 'with-data': 'switch', 'no-monitor': 'switch', 'no-verify': 'switch' },
  words: 2,
  run: async (context, { positionals, flags }) => {
    const environment = environmentOf(context, flags['env'] ?? positionals[0]);
    if (isRefusal(environment)) return environment;
    const backup = flags['backup'] ?? positionals[flags['env'] === undefined ? 1 : 0];
    return decide(context, {
      environment,
      backup: typeof backup === 'string' ? backup : null,
      emergency: flags['emergency'] === true,
      withData: flags['with-data'] === true,
      monitor: flags['no-monitor'] !== true,
      noVerify: flags['no-verify'] === true,
      expect: null,
      confirmed: context.actor.surface !== 'slack',
      shown: null,
      parentId: null,
    });
  },
  press: async (context, button) => {
    const environment = environmentOf(context, button.environment);
    if (isRefusal(environment)) return environment;
    return decide(context, {
      environment,
      backup: givenIn(button, '--backup='),
      emergency: button.flags.includes('--emergency'),
      withData: button.flags.includes('--with-data'),
      monitor: true,
      noVerify: button.flags.includes('--no-verify'),
      expect: button.expect,
      confirmed: true,
      shown: givenIn(button, '--shown='),
      parentId: button.request === '' ? null : button.request,
    });
  },
};

function decide(context: CommandContext, wanted: Wanted): Promise<Reply> {
  return untilSettled(async () => {
    const { environment } = wanted;
    // The lock first: a rollback that somebody else begins after this look makes it stale, one begun before stands among the open jobs.
    const lock = await context.store.lock(environment.name);
    const open = await context.store.jobs({ environment: environment.name, open: true });
    const running = open.find(({ name }) => name === 'rollback');
    if (running !== undefined) return alreadyRunning(context, running);
    const live = await context.store.liveDeployment(environment.name);
    if (wanted.expect !== null && wanted.expect !== live?.id) return notLiveAnymore(environment, live?.tag ?? null, live?.liveAt ?? null);
    const deploying = open.find(({ name }) => name === 'deploy');
    if (deploying !== undefined && wanted.backup === null) return turnDeployBack(context, deploying);
    const offer = await chooseBackup(context, environment, wanted.backup, await rollbackOffer(context.store, environment.name));
    if (isRefusal(offer)) return offer;
    if (wanted.shown !== null && wanted.shown !== offer.backup) return anotherBackup(environment, wanted.shown, offer);
    if (!wanted.confirmed) return confirmFirst(context, wanted, offer);
    return begin(context, wanted, offer, { lock, open });
  });
}

/** The version before is still there, so telling the running deploy to turn back is both the fastest and the safest way. */
async function turnDeployBack({ store, actor, now }: CommandContext, deploying: Job): Promise<Reply | null> {
  if (deploying.cancel?.force === true)
    return refuse('already_decided', `${deploying.requestId} is being turned back already: ${deploying.cancel.reason}`, null);
  const reason = `rollback asked for by ${actor.name}`;
  const scope = { environment: deploying.environment, requestId: deploying.requestId, jobId: deploying.id, actor };
  const result = await store.commit(
    [{ kind: 'job.cancel', jobId: deploying.id, cancel: { by: actor.id, reason, force: true }, at: now }],
    [event(scope, 'cancel.asked', { reason, force: true })],
    now,
  );
  if (result.kind !== 'committed') return null;
  return {
    kind: 'done',
    note: `the deploy ${deploying.requestId} in ${deploying.environment} is turned back: the version before it stays, or comes back`,
    requestId: deploying.requestId,
  };
}

interface Seen {
  readonly lock: Lock | null;
  readonly open: readonly Job[];
}

async function begin(context: CommandContext, wanted: Wanted, offer: RollbackOffer, { lock, open }: Seen): Promise<Reply | null> {
  const { actor, now, store } = context;
  const { environment, emergency, withData, monitor, noVerify, parentId } = wanted;
  const live = await store.liveDeployment(environment.name);
  const overtaken = await overtakeCountdowns(store, open, actor, now);
  const going = {
    actor,
    environment: environment.name,
    offer,
    live,
    lock,
    open,
    emergency,
    withData,
    monitor,
    noVerify,
    parentId,
    now,
    ...overtaken,
  };
  return openRequest(context, {
    ...goBackOpening(going),
    note: `rolling ${environment.name} back to ${offer.toTag} (${offer.backup})${noVerify ? CHECKSUM_STAYS : ''}`,
  });
}

async function confirmFirst({ ports, now }: CommandContext, wanted: Wanted, offer: RollbackOffer): Promise<Reply> {
  const { environment, emergency, withData, noVerify, backup } = wanted;
  const flags = [
    ...(emergency ? ['--emergency'] : []),
    ...(withData ? ['--with-data'] : []),
    ...(noVerify ? ['--no-verify'] : []),
    ...(backup === null ? [] : [`--backup=${backup}`]),
  ];
  const newest = await ports.backups.newestData(environment);
  const dataNote = withData ? dataLost(offer.backupAt, newest, now) : 'Data is left as it is.';
  return {
    kind: 'confirm',
    offer,
    environment: environment.name,
    flags,
    dataNote,
    targetMs: emergency ? EMERGENCY_PROMISE_MS : PROMISE_MS,
  };
}

function dataLost(backupAt: Instant, newest: Instant | null, now: Instant): string {
  if (newest === null || newest <= backupAt) return 'Data is restored too; nothing in it is newer than the backup.';
  return `Data is restored too: what was written in the last ${formatDuration(now - backupAt)} is lost from it (newest: ${formatUtc(newest)}). The service stops meanwhile.`;
}

function givenIn(button: Button, flag: string): string | null {
  return button.flags.find((given) => given.startsWith(flag))?.slice(flag.length) ?? null;
}

/** What was confirmed is not what would happen now: the person decides again, with the facts of now. */
function anotherBackup(environment: Environment, shown: string, offer: RollbackOffer): Refusal {
  return refuse(
    'approval_void',
    `that button would have gone to ${shown}, which did not verify; ${environment.name} goes back to ${offer.toTag} (${offer.backup}) now`,
    `Press the newest button, or: /dhash rollback ${environment.name}`,
  );
}

function alreadyRunning({ actor }: CommandContext, running: Job): Refusal {
  return refuse(
    'already_decided',
    `${running.environment} is being rolled back already (${running.requestId})`,
    `Nothing more to press, ${actor.name}: follow its thread.`,
  );
}

function notLiveAnymore(environment: Environment, tag: string | null, since: Instant | null): Refusal {
  const present = tag === null || since === null ? 'nothing is live' : `${tag} is live since ${formatUtc(since)}`;
  return refuse(
    'not_live_anymore',
    `that button is about a version that is not live in ${environment.name} any more: ${present}`,
    `/dhash rollback ${environment.name}`,
  );
}
