// The facts of one environment, each asked for once. Nothing here writes.

import type { Config, Environment } from '../core/config.ts';
import type { FileTrouble } from '../core/file-trouble.ts';
import type { Contact, Run, StoredRun, Trend, Work } from '../core/glance.ts';
import type { Job, JobName } from '../core/job.ts';
import { mayCancel, plan, position } from '../core/plan.ts';
import type { Gauges } from '../core/ports.ts';
import type { Sample } from '../core/sample.ts';
import type { StoreReader } from '../core/store.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { EnvironmentStatus } from '../core/wish.ts';
import { watchWindow } from '../jobs/outputs.ts';
import { JOBS } from '../jobs/registry.ts';
import { alarmsOf } from './alarms.ts';

export interface GlanceParts {
  readonly store: StoreReader;
  readonly config: Config;
  readonly now: Instant;
  readonly gauges: Pick<Gauges, 'unwritable'>;
}

const RUNS = 10;
/** What people ask for; a watch and what stands beside it is shown as what it is. */
const WORK: ReadonlySet<JobName> = new Set(['deploy', 'rollback', 'backup', 'smoke']);

export async function glance(parts: GlanceParts, environment: Environment): Promise<EnvironmentStatus> {
  const { store, config, now } = parts;
  const { name } = environment;
  const [live, lock, openJobs, lastBackup, checklist, measured, runs] = await Promise.all([
    store.liveDeployment(name),
    store.lock(name),
    store.jobs({ environment: name, open: true }),
    store.newestVerified(name),
    store.newestOf(name, 'checklist.judged'),
    newestMeasures(store, name),
    store.runs(name, RUNS),
  ]);
  const asked = live === null ? null : await store.request(live.requestId);
  const pinned = live?.rollbackBackup == null ? null : await store.backup(name, live.rollbackBackup);
  const watch = await watchOf(store, openJobs, config);
  const told = runs.flatMap(runOf);
  return {
    environment: name,
    unwritable: await unwritable(parts, environment),
    at: now,
    live,
    by: asked?.by.name ?? null,
    lock,
    openJobs,
    work: await Promise.all(openJobs.filter((job) => WORK.has(job.name)).map((job) => workOf(parts, environment, job))),
    printing: await printingOf(store, openJobs),
    ...watch,
    alarms: await alarmsOf(store, openJobs, now),
    offer:
      live === null || live.rollbackTag === null || pinned === null
        ? null
        : {
            deploymentId: live.id,
            fromTag: live.tag,
            toTag: live.rollbackTag,
            backup: pinned.file,
            backupAt: pinned.createdAt,
            verifiedAt: pinned.verifiedAt,
            // The last one is what people remember; without one the promise stands.
            estimateMs: told.find(({ kind, tookMs }) => kind === 'rollback' && tookMs !== null)?.tookMs ?? null,
          },
    lastBackup,
    checklist: checklist === null ? null : { tag: checklist.data.tag, at: checklist.at, evidence: checklist.data.evidence },
    measured,
    runs: told,
    contacts: contactsOf(config),
  };
}

/** Not the database's own: where that cannot be written nobody gets an answer, and is told so. */
async function unwritable({ gauges, config }: GlanceParts, { root }: Environment): Promise<readonly FileTrouble[]> {
  const folders = [
    ...['releases', 'shared', 'backups'].map((name) => `${root}/${name}`),
    `${config.dataDir}/logs`,
    `${config.dataDir}/run`,
  ];
  return (await Promise.all(folders.map(gauges.unwritable))).filter((trouble) => trouble !== null);
}

async function newestMeasures(store: StoreReader, environment: string): Promise<EnvironmentStatus['measured']> {
  const updated = await store.newestOf(environment, 'monitor.updated');
  const ended = await store.newestOf(environment, 'monitor.ended');
  const newest = ended !== null && (updated === null || ended.seq > updated.seq) ? ended : updated;
  return newest === null ? null : { at: newest.at, measures: newest.data.measures };
}

async function watchOf(store: StoreReader, openJobs: readonly Job[], config: Config): Promise<Pick<EnvironmentStatus, 'watch' | 'trend'>> {
  const job = openJobs.find(({ name }) => name === 'monitor');
  const window = job === undefined ? null : watchWindow.find(job);
  if (job === undefined || window === null) return { watch: null, trend: null };
  const samples = await store.samples(job.id, window.from);
  const { requestId } = job;
  return { watch: { requestId, tag: window.tag, until: window.until, checks: samples.length }, trend: trendOf(samples, config) };
}

function trendOf(samples: readonly Sample[], { qualityGates }: Config): Trend {
  const { responseTimeMax, errorRateMax } = qualityGates.performance;
  return {
    // What the service itself measured; where it does not, our own probe.
    responseMs: samples.map(({ responseMs, probeMs }) => responseMs ?? probeMs),
    responseLimit: responseTimeMax,
    errorRate: samples.map(({ errorRate }) => errorRate),
    errorLimit: errorRateMax,
  };
}

async function workOf({ store, now }: GlanceParts, environment: Environment, job: Job): Promise<Work> {
  const definition = JOBS[job.name];
  const request = await store.request(job.requestId);
  const [made] = await store.eventsOf(job.requestId, ['request.made']);
  const steps = plan(definition, job, environment);
  const at = job.step === null ? null : position(definition, job, environment, job.step).index - 1;
  const done = at === null ? (job.startedAt === null ? 0 : steps.length) : Math.max(0, at);
  const expected = made?.type === 'request.made' ? made.data.expected : {};
  return {
    requestId: job.requestId,
    name: job.name,
    tag: request?.tag ?? null,
    by: request?.by.name ?? 'unknown',
    state: job.state,
    direction: job.direction,
    title: at === null ? null : (steps[done]?.title ?? null),
    done,
    of: steps.length,
    etaAt: job.state === 'running' && job.direction === 'forward' ? etaAt(job, steps.slice(done), expected, now) : null,
    waitsFor: job.waitReason,
    mayCancel: job.cancel === null && mayCancel(definition, job, false),
  };
}

/** A row whose step is not the running one any more was left behind. */
async function printingOf(store: StoreReader, openJobs: readonly Job[]): Promise<EnvironmentStatus['printing']> {
  const rows = await store.progress();
  return rows.filter((row) => openJobs.some(({ id, step, attempt }) => id === row.jobId && step === row.step && attempt === row.attempt));
}

function etaAt(
  job: Job,
  left: readonly { readonly name: string }[],
  expected: Readonly<Record<string, DurationMs>>,
  now: Instant,
): Instant | null {
  const times = left.map(({ name }) => expected[name]);
  if (times.every((ms) => ms === undefined)) return null;
  const [first = 0, ...rest] = times.map((ms) => ms ?? 0);
  const spent = job.stepStartedAt === null ? 0 : now - job.stepStartedAt;
  return now + Math.max(0, first - spent) + rest.reduce((sum, ms) => sum + ms, 0);
}

function runOf({ request, startedAt, finishedAt }: StoredRun): readonly Run[] {
  const { id, kind, tag, state, by, at, approvals } = request;
  if (kind !== 'deploy' && kind !== 'rollback') return [];
  const worked = state === 'succeeded' || state === 'failed';
  const from = approvals.reduce((latest, approval) => Math.max(latest, approval.at), startedAt ?? 0);
  const tookMs = worked && startedAt !== null && finishedAt !== null ? Math.max(0, finishedAt - from) : null;
  return [{ id, kind, tag, state, by: by.name, at, tookMs }];
}

function contactsOf({ people }: Config): readonly Contact[] {
  const roles = [
    ['on call', people.oncall],
    ['deploy lead', people.deployLead],
  ] as const;
  return roles.flatMap(([role, id]) => (id === null ? [] : [{ role, id }]));
}
