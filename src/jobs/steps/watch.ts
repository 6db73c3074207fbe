// The watch itself: looks on an absolute schedule, so that neither a slow look nor a restart moves its end.

import { certify, judgeWatch, newWatch, verdictOf, type WatchEvent, type WatchJudged, type WatchState } from '../../checks/breach.ts';
import type { Scrape } from '../../checks/scrape.ts';
import { takeSample } from '../../checks/watch.ts';
import type { Measure, NewEvent, RollbackOffer } from '../../core/event.ts';
import type { Step, StepContext, StepOutcome } from '../../core/job.ts';
import type { Json } from '../../core/json.ts';
import type { Instant } from '../../core/time.ts';
import { monitorInput } from '../inputs.ts';
import { rollbackOffer } from '../offer.ts';
import { tell, watchWindow } from '../outputs.ts';
import { respond } from './respond.ts';

/** What is saved with every look. */
interface Saved {
  readonly state: WatchState;
  readonly scrape: Scrape | null;
  readonly measures: readonly Measure[];
  /** Offsets of the summaries that were told. */
  readonly told: readonly number[];
}

/** Fewer looks than this share of what the window holds certify nothing. */
const ENOUGH_LOOKS = 0.8;
const SLACK_MS = 120_000;
const LONGEST_MS = 8 * 86_400_000;

export const watch: Step = {
  name: 'watch',
  title: 'Watch the live version',
  timeoutMs: LONGEST_MS,
  attempts: 1,
  afterCrash: 'rerun',
  run: async (context) => {
    const { environment, ports, signal, job } = context;
    const { from, until } = watchWindow.need(job);
    const { interval } = environment.monitor;
    let saved = restore(context);
    for (;;) {
      const superseded = await whyOver(context);
      if (superseded !== null) return over(context, saved, superseded);
      saved = await look(context, saved);
      const now = ports.clock.now();
      if (now >= until) return end(context, saved);
      const next = Math.min(until, from + (Math.floor((now - from) / interval) + 1) * interval);
      await ports.clock.sleep(Math.min(next - now, SLACK_MS + interval), signal);
      if (signal.aborted) throw new Error('the watch was interrupted');
    }
  },
};

function restore({ job }: StepContext): Saved {
  const { tag } = watchWindow.need(job);
  const fresh: Saved = { state: newWatch(tag), scrape: null, measures: [], told: [] };
  // Written by `look` below, in this very shape.
  const kept: unknown = job.checkpoint;
  return kept === null ? fresh : (kept as Saved);
}

/** One look: sampled, judged, told and saved in one transaction. */
async function look(context: StepContext, before: Saved): Promise<Saved> {
  const { config, job, store, environment } = context;
  const { sample, scrape } = await takeSample(context, before.scrape);
  if (context.signal.aborted) throw new Error('the watch was interrupted');
  const judged = judgeWatch(before.state, sample, config.qualityGates);
  const { state, events, measures } = (await isMoving(context)) ? withoutVersion(before.state, judged) : judged;
  const offer = events.some(({ kind }) => kind === 'breached' || kind === 'rule-met') ? await rollbackOffer(store, environment.name) : null;
  const due = dueUpdates(context, before.told, sample.at);
  const saved: Saved = { state, scrape, measures, told: [...before.told, ...due] };
  const told = [...events.map((found) => tellWatch(context, found, offer)), ...updates(context, saved, due, sample.at)];
  const plain: unknown = saved;
  const answer = await respond(context, events, offer);
  await context.checkpoint(plain as Json, {
    changes: [{ kind: 'sample.add', sample: { ...sample, jobId: job.id } }, ...answer.changes],
    events: [...told, ...answer.events],
  });
  return saved;
}

/** While a deploy or a rollback moves the traffic, another version answers on purpose. Everything else is judged as ever. */
async function isMoving({ job, store }: StepContext): Promise<boolean> {
  const open = await store.jobs({ environment: job.environment, open: true });
  return open.some(
    ({ name, state, requestId }) => (name === 'deploy' || name === 'rollback') && state === 'running' && requestId !== job.requestId,
  );
}

function withoutVersion(before: WatchState, { state, events, measures }: WatchJudged): WatchJudged {
  const gates = { ...state.gates, version: before.gates.version };
  const sources = { ...state.sources, version: before.sources.version };
  const others = events.filter((found) => subjectOf(found) !== 'version');
  const opened = events.filter((found) => found.kind === 'breached' && found.gate === 'version').length;
  return {
    state: { ...state, gates, sources, breaches: state.breaches - opened },
    events: others,
    measures: measures.filter(({ gate }) => gate !== 'version'),
  };
}

function subjectOf(found: WatchEvent): string {
  if (found.kind === 'breached' || found.kind === 'recovered') return found.gate;
  return found.kind === 'blind' || found.kind === 'sighted' ? found.source : found.rule;
}

function tellWatch({ job }: StepContext, found: WatchEvent, offer: RollbackOffer | null): NewEvent {
  switch (found.kind) {
    case 'breached':
      return tell(job, 'monitor.breached', {
        gate: found.gate,
        value: found.value,
        threshold: found.threshold,
        failures: found.failures,
        rollback: offer,
      });
    case 'recovered':
      return tell(job, 'monitor.recovered', { gate: found.gate, value: found.value, passes: found.passes });
    case 'blind':
      return tell(job, 'monitor.blind', { source: found.source, checks: found.checks, detail: found.detail });
    case 'sighted':
      return tell(job, 'monitor.sighted', { source: found.source, checks: found.checks });
    case 'rule-met':
      return tell(job, 'monitor.rule-met', {
        rule: found.rule,
        value: found.value,
        threshold: found.threshold,
        detail: found.detail,
        mode: found.mode,
        rollback: offer,
      });
    case 'rule-cleared':
      return tell(job, 'monitor.rule-cleared', { rule: found.rule, value: found.value });
  }
}

/** Summaries whose time has come; after a long sleep only the newest of them is worth telling. */
function dueUpdates({ environment, job }: StepContext, told: readonly number[], now: Instant): readonly number[] {
  const { from } = watchWindow.need(job);
  return environment.monitor.updates.filter((offset) => from + offset <= now && !told.includes(offset));
}

function updates({ job }: StepContext, saved: Saved, due: readonly number[], now: Instant): readonly NewEvent[] {
  const { until } = watchWindow.need(job);
  const offsetMs = due.at(-1);
  // The end has a message of its own.
  if (offsetMs === undefined || now >= until) return [];
  return [tell(job, 'monitor.updated', { offsetMs, remainingMs: until - now, measures: saved.measures, verdict: verdictOf(saved.state) })];
}

/** null = what is watched is still the live version. */
async function whyOver({ job, environment, store }: StepContext): Promise<string | null> {
  const { deploymentId } = watchWindow.need(job);
  if (monitorInput(job).after === 'request') return null;
  const live = await store.liveDeployment(environment.name);
  if (live === null || live.id === deploymentId) return null;
  return `${live.tag} went live after it (${live.kind})`;
}

function over({ job }: StepContext, { state, measures }: Saved, why: string): StepOutcome {
  const told = tell(job, 'monitor.ended', { verdict: 'superseded', why, checks: state.checks, breaches: state.breaches, measures });
  return { kind: 'done', output: { verdict: 'superseded' }, events: [told] };
}

function end(context: StepContext, { state, measures }: Saved): StepOutcome {
  const { environment, job } = context;
  const { from, until } = watchWindow.need(job);
  const expected = Math.floor((until - from) / environment.monitor.interval);
  const judged =
    state.checks >= expected * ENOUGH_LOOKS
      ? certify(state)
      : { verdict: 'not-certified' as const, why: `only ${state.checks} of ${expected} checks were made` };
  const told = tell(job, 'monitor.ended', { ...judged, checks: state.checks, breaches: state.breaches, measures });
  return { kind: 'done', output: { verdict: judged.verdict }, events: [told] };
}
