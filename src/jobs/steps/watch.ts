// The watch itself: looks on an absolute schedule, so that neither a slow look nor a restart moves its end.

import { judgeWatch, type WatchState } from '../../checks/breach.ts';
import { type Certified, certify, notCertified } from '../../checks/certify.ts';
import { QUIET } from '../../checks/rates.ts';
import { takeSample } from '../../checks/watch.ts';
import type { Job, Step, StepContext, StepOutcome } from '../../core/job.ts';
import type { Json } from '../../core/json.ts';
import type { Sample } from '../../core/sample.ts';
import { monitorInput } from '../inputs.ts';
import { judgingOf } from '../judging.ts';
import { rollbackOffer } from '../offer.ts';
import { tell, watchWindow } from '../outputs.ts';
import { withTerms } from '../watch-terms.ts';
import { respond } from './respond.ts';
import { type Background, createBackground } from './watch-background.ts';
import { nextLook, restore, type Saved } from './watch-saved.ts';
import { dueUpdates, tellWatch, updates } from './watch-told.ts';

/** Fewer looks than this share of what the window holds certify nothing. */
const ENOUGH_LOOKS = 0.8;
const LONGEST_MS = 8 * 86_400_000;

export const watch: Step = {
  name: 'watch',
  title: 'Watch the live version',
  timeoutMs: LONGEST_MS,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (given) => {
    const context = withTerms(given);
    const background = createBackground(context);
    try {
      return await watchOn(context, background);
    } finally {
      await background.stop();
    }
  },
};

async function watchOn(context: StepContext, background: Background): Promise<StepOutcome> {
  const { environment, ports, signal, job } = context;
  const window = watchWindow.need(job);
  const { interval } = environment.monitor;
  let saved = restore(context);
  for (;;) {
    if (signal.aborted) throw new Error('the watch was interrupted');
    const now = ports.clock.now();
    const due = nextLook(window, interval, saved.lookedAt, now);
    if (due === null) return end(context, saved);
    if (due > now) {
      await ports.clock.sleep(Math.min(due - now, interval), signal);
      continue;
    }
    const superseded = await whyOver(context);
    if (superseded !== null) return endedAs(context, saved, { verdict: 'superseded', why: superseded });
    saved = await look(context, saved, background);
  }
}

/** One look: sampled, judged, told and saved in one transaction. */
async function look(context: StepContext, before: Saved, background: Background): Promise<Saved> {
  const { job, store, environment } = context;
  const moving = (await movedBy(context)) !== null;
  const live = await store.liveDeployment(environment.name);
  const { sample: seen, scrape } = await takeSample(context, before.scrape, live?.slot ?? null);
  if (context.signal.aborted) throw new Error('the watch was interrupted');
  if (!moving) background.begin(before.state.checks + 1);
  // What ends while the traffic moves has asked who knows which version.
  const news = background.take();
  const facts = moving ? before.facts : { ...before.facts, ...news };
  const { reporters, read } = await reported(context, before);
  const sample: Sample = { ...(moving ? whileMoving(seen) : seen), ...facts, reporters: reporters.length };
  const { state, events, measures } = judgeWatch(before.state, sample, judgingOf(context));
  const offer = events.some(({ kind }) => kind === 'breached' || kind === 'rule-met') ? await rollbackOffer(store, environment.name) : null;
  const due = dueUpdates(context, before.told, sample.at);
  const saved: Saved = { state, scrape, measures, told: [...before.told, ...due], lookedAt: sample.at, facts, reporters, read };
  const told = [...events.map((found) => tellWatch(context, found, offer)), ...updates(context, saved, due, sample.at)];
  const plain: unknown = saved;
  const answer = await respond(context, events, offer);
  await context.checkpoint(plain as Json, {
    changes: [{ kind: 'sample.add', sample: { ...sample, jobId: job.id } }, ...answer.changes],
    events: [...told, ...answer.events],
  });
  return saved;
}

/**
 * While a deploy or a rollback moves the traffic, another version answers on purpose: nothing it does well is this version's doing.
 * A rollback moves from the moment it is asked for, because that is the verdict on this version.
 */
async function movedBy({ job, store }: StepContext): Promise<Job | null> {
  const open = await store.jobs({ environment: job.environment, open: true });
  const others = open.filter(({ requestId }) => requestId !== job.requestId);
  return others.find(({ name, state }) => name === 'rollback' || (name === 'deploy' && state === 'running')) ?? null;
}

function whileMoving(sample: Sample): Sample {
  return { ...sample, version: null, alive: null, missing: { ...sample.missing, version: QUIET.moving, alive: QUIET.moving } };
}

/** Who has said since the watch began that something is wrong: each person counts once. */
async function reported({ job, store }: StepContext, before: Saved): Promise<Pick<Saved, 'reporters' | 'read'>> {
  const { from } = watchWindow.need(job);
  const news = await store.newsOf(job.requestId, before.read);
  const people = news.flatMap(({ type, at, actor }) => (type === 'problem.reported' && at >= from && actor !== null ? [actor.id] : []));
  return { reporters: [...new Set([...before.reporters, ...people])], read: news.at(-1)?.seq ?? before.read };
}

/** null = what is watched is still the live version. */
async function whyOver({ job, environment, store }: StepContext): Promise<string | null> {
  const { deploymentId } = watchWindow.need(job);
  if (monitorInput(job).after === 'request') return null;
  const live = await store.liveDeployment(environment.name);
  if (live === null || live.id === deploymentId) return null;
  return `${live.tag} went live after it (${live.kind})`;
}

async function end(context: StepContext, saved: Saved): Promise<StepOutcome> {
  return endedAs(context, saved, (await whyNotWhole(context, saved.state)) ?? certify(saved.state));
}

function endedAs({ job }: StepContext, { state, measures }: Saved, ended: Certified | { verdict: 'superseded'; why: string }): StepOutcome {
  const { checks, breaches, totals } = state;
  const told = tell(job, 'monitor.ended', { verdict: ended.verdict, why: ended.why, checks, breaches, measures, totals });
  return { kind: 'done', output: { verdict: ended.verdict }, events: [told] };
}

/** What forbids to certify, whatever was measured; null = nothing. */
async function whyNotWhole(context: StepContext, { checks }: WatchState): Promise<Certified | null> {
  const { from, until } = watchWindow.need(context.job);
  const expected = Math.floor((until - from) / context.environment.monitor.interval);
  const mover = await movedBy(context);
  if (mover !== null) return notCertified(`${mover.name} ${mover.requestId} was moving its traffic at the end`);
  return checks < expected * ENOUGH_LOOKS ? notCertified(`only ${checks} of ${expected} checks were made`) : null;
}
