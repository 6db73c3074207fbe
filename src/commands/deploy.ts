import type { Environment } from '../core/config.ts';
import { asBotError } from '../core/error.ts';
import { plan } from '../core/plan.ts';
import { type Refusal, refuse } from '../core/refusal.ts';
import { assignSeats } from '../core/seats.ts';
import { closest } from '../core/suggest.ts';
import { isTag } from '../core/tag.ts';
import { formatUtc } from '../core/time.ts';
import type { Reply } from '../core/wish.ts';
import { deploy as job } from '../jobs/deploy.ts';
import { expectedDurations } from '../jobs/expected.ts';
import type { DeployInput } from '../jobs/inputs.ts';
import { newJob } from '../jobs/new-job.ts';
import { type RolledBack, rolledBack } from '../jobs/rolled-back.ts';
import { judgeChecklist } from '../jobs/steps/checklist.ts';
import type { Command, CommandContext } from './command.ts';
import { environmentOf, isRefusal } from './environment.ts';
import { lockedRefusal, openRequest } from './open-request.ts';
import { untilSettled } from './retry.ts';

const USAGE = 'deploy <tag> [environment] [--dry-run] [--override REASON]';

export const deploy: Command = {
  name: 'deploy',
  usage: USAGE,
  summary: 'Ask for a deploy; it starts when its approvals are filled',
  permission: 'deploy',
  changes: true,
  flags: { tag: 'value', env: 'value', 'dry-run': 'switch', 'no-monitor': 'switch', 'no-backup': 'switch', override: 'value' },
  words: 2,
  run: async (context, { positionals, flags }) => {
    const tag = flags['tag'] ?? positionals[0];
    if (typeof tag !== 'string') return refuse('usage', 'which release? A tag is missing', `/dhash ${USAGE}`);
    const environment = environmentOf(context, flags['env'] ?? positionals[flags['tag'] === undefined ? 1 : 0]);
    if (isRefusal(environment)) return environment;
    const commit = await resolve(context, environment, tag);
    if (typeof commit !== 'string') return commit;
    if (flags['dry-run'] === true)
      return { kind: 'answered', answer: { kind: 'plan', plan: await planFor(context, environment, tag, commit) } };
    const override = typeof flags['override'] === 'string' ? flags['override'].trim().slice(0, 300) : '';
    const wanted = { tag, commit, monitor: flags['no-monitor'] !== true, noBackup: flags['no-backup'] === true, override };
    return untilSettled(() => open(context, environment, wanted));
  },
};

interface Wanted {
  readonly tag: string;
  readonly commit: string;
  readonly monitor: boolean;
  /** Said by people whose old script had it; a deploy without a way back is not made. */
  readonly noBackup: boolean;
  /** Why a tag that was rolled back may go out again; empty = nobody said. */
  readonly override: string;
}

const BACKUP_STAYS = '. --no-backup changes nothing: the backup is made and verified all the same, it is the way back';

async function open(context: CommandContext, environment: Environment, wanted: Wanted): Promise<Reply | null> {
  const { tag, commit, monitor, noBackup, override } = wanted;
  const { store } = context;
  const lock = await store.lock(environment.name);
  if (lock !== null && lock.holder !== (await knownRequest(context))) return lockedRefusal(lock);
  const live = await store.liveDeployment(environment.name);
  if (live?.tag === tag && live.commit === commit) {
    return refuse(
      'already_live',
      `${tag} is live in ${environment.name} since ${formatUtc(live.liveAt)}`,
      `/dhash status ${environment.name}`,
    );
  }
  const before = await rolledBack(store, environment.name, tag);
  if (before !== null && override === '') return wasRolledBack(environment, tag, before);
  // Where there is nothing to override the reason would say something that is not so.
  const overridden = before === null ? {} : { override };
  const input: DeployInput = { tag, monitor, ...overridden };
  return openRequest(context, {
    job: 'deploy',
    environment: environment.name,
    tag,
    input,
    options: { monitor, ...overridden, ...(noBackup ? { 'no-backup': true } : {}) },
    parentId: null,
    lock: { kind: 'take' },
    note: `deploy of ${tag} to ${environment.name} asked for${noBackup ? BACKUP_STAYS : ''}`,
  });
}

function wasRolledBack(environment: Environment, tag: string, { at, toTag, requestId }: RolledBack): Refusal {
  return refuse(
    'rolled_back_before',
    `${tag} was rolled back in ${environment.name} on ${formatUtc(at)}, to ${toTag} (${requestId}), and has not been certified there since`,
    `Deploy a mended release; or, if the cause is gone: /dhash deploy ${tag} ${environment.name} --override "why it is good now"`,
  );
}

/** The id of the request made with this very key before, when the same words are delivered a second time. */
async function knownRequest({ store, raw }: CommandContext): Promise<string | null> {
  const recent = await store.requests({ limit: 50 });
  return recent.find(({ dedupeKey }) => dedupeKey === raw.dedupeKey)?.id ?? null;
}

/** Only a tag of the release form ever reaches the source. */
async function resolve({ ports }: CommandContext, environment: Environment, tag: string): Promise<string | Refusal> {
  if (!isTag(tag)) return refuse('unknown_tag', `"${tag.slice(0, 80)}" is not a release tag`, 'Tags look like v2.1.0 or v2.1.0-rc.1.');
  try {
    return await ports.releases.resolve(environment, tag);
  } catch (thrown) {
    const error = asBotError(thrown);
    if (error.code !== 'unknown-tag') throw error;
    const tags = await ports.releases.tags(environment);
    const near = closest(tag, tags);
    const newest = tags.slice(0, 5).join(', ');
    return refuse(
      'unknown_tag',
      `there is no release ${tag} for ${environment.name}`,
      `${near === null ? '' : `Did you mean ${near}? `}Newest: ${newest || 'none'}.`,
    );
  }
}

/** Asks everything a deploy would ask, and changes nothing. */
async function planFor(context: CommandContext, environment: Environment, tag: string, commit: string) {
  const { store, ports, config, now } = context;
  const live = await store.liveDeployment(environment.name);
  const { evidence } = await judgeChecklist({ environment, config, store, ports }, tag, context.actor.id);
  const expected = Object.values(await expectedDurations(store, environment.name, 'deploy'));
  // Which steps apply depends on the environment alone before anything has run.
  const unstarted = newJob({
    id: 'plan',
    name: 'deploy',
    requestId: 'plan',
    environment: environment.name,
    input: { tag, monitor: true },
    now,
  });
  return {
    environment: environment.name,
    tag,
    commit,
    fromTag: live?.tag ?? null,
    steps: plan(job, unstarted, environment).map(({ name, title }) => ({ name, title })),
    evidence,
    seats: assignSeats(environment.approvals, []),
    rollbackTo:
      live === null
        ? 'nothing is live yet: there will be nothing to go back to'
        : `a fresh backup of ${live.tag}, made and verified before anything changes`,
    etaMs: expected.length === 0 ? null : expected.reduce((sum, ms) => sum + ms, 0),
  };
}
