// The watch's judgement, folded sample by sample: so many failures in a row open a breach, so many passes in a row close it.

import type { QualityGates } from '../core/config.ts';
import type { Measure } from '../core/event.ts';
import type { Rule, RuleMode } from '../core/rule.ts';
import type { Sample } from '../core/sample.ts';
import { GATES, type Gate, measure } from './gates.ts';

/** What the watch can lose sight of. */
export type Source = 'health' | 'version' | 'metrics';

interface GateState {
  /** In a row; what was not measured neither counts nor cancels. */
  readonly failures: number;
  readonly passes: number;
  readonly breached: boolean;
}

interface SourceState {
  readonly unseen: number;
  readonly blind: boolean;
}

/** Plain JSON, so that it can be checkpointed. */
export interface WatchState {
  /** The version that has to answer. */
  readonly tag: string;
  readonly checks: number;
  /** How often health was found good, over the whole watch. */
  readonly healthPasses: number;
  /** How many breaches were opened, over the whole watch. */
  readonly breaches: number;
  readonly gates: Readonly<Record<Gate, GateState>>;
  readonly sources: Readonly<Record<Source, SourceState>>;
}

export type WatchEvent =
  | { readonly kind: 'breached'; readonly gate: Gate; readonly value: string; readonly threshold: string; readonly failures: number }
  | { readonly kind: 'recovered'; readonly gate: Gate; readonly value: string; readonly passes: number }
  | { readonly kind: 'blind'; readonly source: Source; readonly checks: number; readonly detail: string }
  | { readonly kind: 'sighted'; readonly source: Source; readonly checks: number }
  | {
      readonly kind: 'rule-met';
      readonly rule: Rule;
      readonly value: string;
      readonly threshold: string;
      readonly detail: string;
      readonly mode: RuleMode;
    }
  | { readonly kind: 'rule-cleared'; readonly rule: Rule; readonly value: string };

export interface WatchJudged {
  readonly state: WatchState;
  readonly events: readonly WatchEvent[];
  readonly measures: readonly Measure[];
}

export function newWatch(tag: string): WatchState {
  const gate: GateState = { failures: 0, passes: 0, breached: false };
  const source: SourceState = { unseen: 0, blind: false };
  return {
    tag,
    checks: 0,
    healthPasses: 0,
    breaches: 0,
    gates: { health: gate, version: gate, 'response-time': gate, 'error-rate': gate, cpu: gate, memory: gate },
    sources: { health: source, version: source, metrics: source },
  };
}

export function judgeWatch(state: WatchState, sample: Sample, qualityGates: QualityGates): WatchJudged {
  const { failureThreshold, recoveryThreshold } = qualityGates.monitoring;
  const measures = measure(sample, state.tag, qualityGates);
  const events: WatchEvent[] = [];
  const gates = { ...state.gates };
  for (const { gate, state: answer, value, threshold } of measures) {
    const before = gates[gate];
    const counted = count(before, answer);
    const opens = answer === 'fail' && !before.breached && counted.failures >= failureThreshold;
    const closes = answer === 'pass' && before.breached && counted.passes >= recoveryThreshold;
    gates[gate] = { ...counted, breached: opens || (before.breached && !closes) };
    if (opens) events.push({ kind: 'breached', gate, value, threshold, failures: counted.failures });
    if (closes) events.push({ kind: 'recovered', gate, value, passes: counted.passes });
  }
  const sources = { ...state.sources };
  for (const { source, unseen, detail } of sightings(sample, measures)) {
    const before = sources[source];
    const checks = unseen ? before.unseen + 1 : 0;
    sources[source] = { unseen: checks, blind: checks >= failureThreshold };
    if (sources[source].blind && !before.blind) events.push({ kind: 'blind', source, checks, detail });
  }
  return {
    state: {
      tag: state.tag,
      checks: state.checks + 1,
      healthPasses: state.healthPasses + (sample.healthy === true ? 1 : 0),
      breaches: state.breaches + events.filter(({ kind }) => kind === 'breached').length,
      gates,
      sources,
    },
    events,
    measures,
  };
}

/** How the watch stands now. A breach outweighs blindness: it was seen. */
export function verdictOf(state: WatchState): 'healthy' | 'breached' | 'blind' {
  if (breachedGates(state).length > 0) return 'breached';
  return blindSources(state).length > 0 ? 'blind' : 'healthy';
}

export function breachedGates(state: WatchState): readonly Gate[] {
  return GATES.filter((gate) => state.gates[gate].breached);
}

export function blindSources(state: WatchState): readonly Source[] {
  const sources: readonly Source[] = ['health', 'version', 'metrics'];
  return sources.filter((source) => state.sources[source].blind);
}

/** Asked at the end of the watch: certified only if nothing is breached or out of sight, and health was seen good at least once. */
export function certify(state: WatchState): { readonly verdict: 'certified' | 'not-certified'; readonly why: string } {
  const no = (why: string) => ({ verdict: 'not-certified', why }) as const;
  const breached = breachedGates(state);
  if (breached.length > 0) return no(`breached at the end: ${breached.join(', ')}`);
  const blind = blindSources(state);
  if (blind.length > 0) return no(`out of sight at the end: ${blind.join(', ')}`);
  if (state.healthPasses === 0) return no('health was never seen good');
  const recovered = state.breaches === 0 ? 'no breach' : `${state.breaches === 1 ? 'one breach' : `${state.breaches} breaches`}, recovered`;
  return { verdict: 'certified', why: `${state.checks} checks, ${recovered}` };
}

function count(before: GateState, answer: Measure['state']): GateState {
  if (answer === 'fail') return { ...before, failures: before.failures + 1, passes: 0 };
  if (answer === 'pass') return { ...before, failures: 0, passes: before.passes + 1 };
  return before;
}

/** Where there was nothing to see (no traffic, no metrics declared), nothing is out of sight. */
function sightings(
  sample: Sample,
  measures: readonly (Measure & { readonly gate: Gate })[],
): readonly { readonly source: Source; readonly unseen: boolean; readonly detail: string }[] {
  const of = (gate: Gate) => measures.find((line) => line.gate === gate);
  const lost = [of('response-time'), of('error-rate')].find((line) => line?.state === 'error');
  return [
    { source: 'health', unseen: sample.healthy === null, detail: of('health')?.value ?? '' },
    // A service that is down answers no version: that is health's to tell.
    { source: 'version', unseen: sample.healthy === true && sample.version === null, detail: of('version')?.value ?? '' },
    { source: 'metrics', unseen: lost !== undefined, detail: lost?.value ?? '' },
  ];
}
