// The watch's judgement, folded sample by sample: so many failures in a row open a breach, so many passes in a row close it.

import type { QualityGates } from '../core/config.ts';
import type { Measure } from '../core/event.ts';
import type { Baseline, Sample } from '../core/sample.ts';
import type { DurationMs, Instant } from '../core/time.ts';
import type { RollbackConfig } from '../core/watch-config.ts';
import type { WatchTotals } from '../core/watch-totals.ts';
import { GATES, type Gate, type Line, measure, plainMeasure } from './gates.ts';
import { isMoving } from './rates.ts';
import { judgeRules, metRules, newRules, type RuleEvent, type RuleStates } from './rules.ts';
import { SOURCES, type Source, sightings } from './sight.ts';
import { addLook, newTotals } from './totals.ts';

interface GateState {
  /** In a row; what was not measured neither counts nor cancels, nor does what failed as much before the switch. */
  readonly failures: number;
  readonly passes: number;
  readonly breached: boolean;
  /** The newest answer, and how often it was a pass over the whole watch. */
  readonly last: Measure['state'] | null;
  readonly passed: number;
  readonly asBefore: boolean;
}

interface SourceState {
  readonly unseen: number;
  readonly blind: boolean;
}

/** Plain JSON, so that it can be checkpointed. */
export interface WatchState {
  /** The version that has to answer. */
  readonly tag: string;
  readonly before: Baseline | null;
  readonly checks: number;
  /** How many breaches were opened, over the whole watch. */
  readonly breaches: number;
  readonly gates: Readonly<Record<Gate, GateState>>;
  readonly sources: Readonly<Record<Source, SourceState>>;
  readonly rules: RuleStates;
  readonly totals: WatchTotals;
  /** When the golden check and the smoke tests were made that were counted last. */
  readonly counted: { readonly 'quality-gates': Instant | null; readonly smoke: Instant | null };
}

export type WatchEvent =
  | { readonly kind: 'breached'; readonly gate: Gate; readonly value: string; readonly threshold: string; readonly failures: number }
  | { readonly kind: 'recovered'; readonly gate: Gate; readonly value: string; readonly passes: number }
  | { readonly kind: 'blind'; readonly source: Source; readonly checks: number; readonly detail: string }
  | { readonly kind: 'sighted'; readonly source: Source; readonly checks: number }
  | RuleEvent;

/** Everything a watch is judged by. */
export interface Judging {
  readonly qualityGates: QualityGates;
  readonly rollback: RollbackConfig;
  readonly interval: DurationMs;
  /** Percent of the disk that may be used. */
  readonly disk: number;
}

export interface WatchJudged {
  readonly state: WatchState;
  readonly events: readonly WatchEvent[];
  readonly measures: readonly Measure[];
}

/** What is asked seldom and answers for itself: once is enough to tell. */
const AT_ONCE: readonly Gate[] = ['smoke', 'reports'];

export function newWatch(tag: string, before: Baseline | null = null): WatchState {
  const gate: GateState = { failures: 0, passes: 0, breached: false, last: null, passed: 0, asBefore: false };
  return {
    tag,
    before,
    checks: 0,
    breaches: 0,
    gates: each(GATES, gate),
    sources: each(SOURCES, { unseen: 0, blind: false }),
    rules: newRules(),
    totals: newTotals(),
    counted: { 'quality-gates': null, smoke: null },
  };
}

/** A checkpoint from before a gate, a source or a rule was known goes on with the others. */
export function withDefaults(kept: Partial<WatchState> & Pick<WatchState, 'tag'>): WatchState {
  const fresh = newWatch(kept.tag);
  const gates = Object.fromEntries(GATES.map((gate) => [gate, { ...fresh.gates[gate], ...kept.gates?.[gate] }]));
  return {
    ...fresh,
    ...kept,
    // As many as there are gates, each made from a complete one.
    gates: gates as WatchState['gates'],
    sources: { ...fresh.sources, ...kept.sources },
    rules: { ...fresh.rules, ...kept.rules },
    counted: { ...fresh.counted, ...kept.counted },
  };
}

export function judgeWatch(state: WatchState, sample: Sample, judging: Judging): WatchJudged {
  const { qualityGates, rollback, interval, disk } = judging;
  const { failureThreshold, recoveryThreshold } = qualityGates.monitoring;
  const lines = measure(sample, { tag: state.tag, qualityGates, disk, before: state.before });
  const counted = { 'quality-gates': sample.gates?.at ?? null, smoke: sample.smoke?.at ?? null };
  const fresh = (gate: keyof typeof counted) => counted[gate] !== null && counted[gate] !== state.counted[gate];
  const isRepeated = (gate: Gate) => (gate === 'quality-gates' || gate === 'smoke') && !fresh(gate);
  const moving = isMoving(sample);
  const events: WatchEvent[] = [];

  const gates = { ...state.gates };
  // Neither an answer that was counted before, nor what another version does well.
  const own = lines.filter(({ gate, state: answer }) => !isRepeated(gate) && !(moving && answer === 'pass'));
  for (const line of own) {
    const { gate, value, threshold } = line;
    const before = gates[gate];
    const after = count(before, line);
    const opensAt = AT_ONCE.includes(gate) ? 1 : failureThreshold;
    const closesAt = AT_ONCE.includes(gate) ? 1 : recoveryThreshold;
    const opens = line.state === 'fail' && !line.asBefore && !before.breached && after.failures >= opensAt;
    const closes = line.state === 'pass' && before.breached && after.passes >= closesAt;
    gates[gate] = { ...after, breached: opens || (before.breached && !closes) };
    if (opens) events.push({ kind: 'breached', gate, value, threshold, failures: after.failures });
    if (closes) events.push({ kind: 'recovered', gate, value, passes: after.passes });
  }

  const sources = { ...state.sources };
  for (const { source, unseen, detail } of sightings(sample, lines)) {
    if (source === 'quality-gates' && !fresh(source)) continue;
    if (moving && !unseen) continue;
    const before = sources[source];
    const checks = unseen ? before.unseen + 1 : 0;
    sources[source] = { unseen: checks, blind: checks >= failureThreshold };
    if (sources[source].blind && !before.blind) events.push({ kind: 'blind', source, checks, detail });
    if (before.blind && !unseen) events.push({ kind: 'sighted', source, checks: before.unseen });
  }

  const rules = judgeRules(state.rules, { sample, lines, fresh }, { rollback, interval, recoveryThreshold });
  const breaches = state.breaches + events.filter(({ kind }) => kind === 'breached').length;
  const totals = moving ? state.totals : addLook(state.totals, sample, own);
  return {
    state: { ...state, checks: state.checks + 1, breaches, gates, sources, rules: rules.states, totals, counted },
    events: [...events, ...rules.events],
    measures: lines.map(plainMeasure),
  };
}

/** How the watch stands now. A breach outweighs blindness: it was seen. */
export function verdictOf(state: WatchState): 'healthy' | 'breached' | 'blind' {
  if (breachedGates(state).length > 0 || metRules(state.rules).length > 0) return 'breached';
  return blindSources(state).length > 0 ? 'blind' : 'healthy';
}

export function breachedGates(state: WatchState): readonly Gate[] {
  return GATES.filter((gate) => state.gates[gate].breached);
}

export function blindSources(state: WatchState): readonly Source[] {
  return SOURCES.filter((source) => state.sources[source].blind);
}

function count(before: GateState, { state, asBefore }: Line): GateState {
  const seen = { ...before, last: state, asBefore, passed: before.passed + (state === 'pass' ? 1 : 0) };
  if (state === 'fail' && !asBefore) return { ...seen, failures: before.failures + 1, passes: 0 };
  if (state === 'pass') return { ...seen, failures: 0, passes: before.passes + 1 };
  return seen;
}

function each<const K extends string, V>(keys: readonly K[], value: V): Readonly<Record<K, V>> {
  // Every key is there, because the list is where the type of the keys comes from.
  return Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>;
}
