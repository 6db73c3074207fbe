// The rollback tier: each rule is folded look by look, and says "go back now" once until it has cleared.

import { RULES, type Rule, type RuleMode } from '../core/rule.ts';
import type { Sample } from '../core/sample.ts';
import { type DurationMs, formatDuration, type Instant } from '../core/time.ts';
import { formatMs, formatPercent } from '../core/units.ts';
import type { RollbackConfig } from '../core/watch-config.ts';
import { isSane, type Line } from './gates.ts';
import { isMoving, QUIET } from './rates.ts';

/** Plain JSON. */
export interface RuleState {
  /** The last look that found it bad; null = the last known answer was good. */
  readonly badAt: Instant | null;
  /** For how long it was seen bad without a good look in between; what nobody saw does not count. */
  readonly heldMs: DurationMs;
  readonly failures: number;
  readonly passes: number;
  readonly met: boolean;
}

export type RuleStates = Readonly<Record<Rule, RuleState>>;

export type RuleEvent =
  | {
      readonly kind: 'rule-met';
      readonly rule: Rule;
      readonly value: string;
      readonly threshold: string;
      readonly detail: string;
      readonly mode: RuleMode;
    }
  | { readonly kind: 'rule-cleared'; readonly rule: Rule; readonly value: string };

export interface RuleFacts {
  readonly sample: Sample;
  readonly lines: readonly Line[];
  /** Gates whose answer is newer than the last look: a golden check counts once, however many looks repeat it. */
  readonly fresh: (gate: 'quality-gates' | 'smoke') => boolean;
}

export interface RuleTerms {
  readonly rollback: RollbackConfig;
  readonly interval: DurationMs;
  /** Good looks in a row that clear a rule. */
  readonly recoveryThreshold: number;
}

interface Reading {
  /** null = not known this time: neither counts nor cancels. */
  readonly bad: boolean | null;
  readonly value: string;
}

interface Terms {
  readonly mode: RuleMode;
  readonly threshold: string;
  readonly isMet: (state: RuleState) => boolean;
  readonly detail: (state: RuleState) => string;
  readonly clearsAt: number;
}

const START: RuleState = { badAt: null, heldMs: 0, failures: 0, passes: 0, met: false };
/** One look may be missed or see nothing: that pauses. After more than that nobody knows what was, and it starts anew. */
const LONGEST_PAUSE = 2.5;
/** Two looks further apart than this have missed one between them. */
const NEXT_LOOK = 1.5;

export function newRules(): RuleStates {
  return { 'error-rate': START, 'response-time': START, 'quality-gates': START, smoke: START, cpu: START, memory: START };
}

export function judgeRules(
  states: RuleStates,
  facts: RuleFacts,
  terms: RuleTerms,
): { readonly states: RuleStates; readonly events: readonly RuleEvent[] } {
  const events: RuleEvent[] = [];
  const next = { ...states };
  for (const rule of RULES) {
    const reading = settled(read(rule, facts, terms.rollback), facts.sample);
    // Golden checks and smoke tests come many looks apart on purpose, so nothing is missed between two of them.
    const spaced = rule === 'quality-gates' || rule === 'smoke';
    const { mode, threshold, isMet, detail, clearsAt } = termsOf(rule, terms);
    const counted = count(states[rule], reading.bad, facts.sample.at, spaced ? Number.POSITIVE_INFINITY : terms.interval);
    const opens = reading.bad === true && !counted.met && isMet(counted);
    const clears = reading.bad === false && counted.met && counted.passes >= clearsAt;
    next[rule] = { ...counted, met: opens || (counted.met && !clears) };
    if (opens) events.push({ kind: 'rule-met', rule, value: reading.value, threshold, detail: detail(counted), mode });
    if (clears) events.push({ kind: 'rule-cleared', rule, value: reading.value });
  }
  return { states: next, events };
}

export function metRules(states: RuleStates): readonly Rule[] {
  return RULES.filter((rule) => states[rule].met);
}

function count(before: RuleState, bad: boolean | null, at: Instant, interval: DurationMs): RuleState {
  if (bad === null) return before;
  if (!bad) return { badAt: null, heldMs: 0, failures: 0, passes: before.passes + 1, met: before.met };
  const since = before.badAt === null ? null : at - before.badAt;
  // Also a clock that was set back: nobody knows how long it has been.
  const lost = since === null || since < 0 || since > LONGEST_PAUSE * interval;
  if (lost) return { badAt: at, heldMs: 0, failures: 1, passes: 0, met: before.met };
  const seen = since <= NEXT_LOOK * interval ? since : 0;
  return { badAt: at, heldMs: before.heldMs + seen, failures: before.failures + 1, passes: 0, met: before.met };
}

/** A good answer during a switch may be that of the version which takes over. */
function settled(reading: Reading, sample: Sample): Reading {
  return isMoving(sample) && reading.bad === false ? { ...reading, bad: null } : reading;
}

function read(rule: Rule, facts: RuleFacts, { errorRate, responseTime, cpu, memory }: RollbackConfig): Reading {
  switch (rule) {
    case 'error-rate':
      return above(facts, 'error-rate', 'errorRate', errorRate.above);
    case 'response-time':
      return slow(facts, responseTime.above);
    case 'cpu':
      return above(facts, 'cpu', 'cpu', cpu.above);
    case 'memory':
      return above(facts, 'memory', 'memory', memory.above);
    case 'quality-gates':
    case 'smoke':
      return answered(facts, rule);
  }
}

function above(
  { sample, lines }: RuleFacts,
  gate: Line['gate'],
  key: 'errorRate' | 'responseMs' | 'probeMs' | 'cpu' | 'memory',
  limit: number,
): Reading {
  const measured = sample[key];
  const asBefore = lines.find((line) => line.gate === gate)?.asBefore ?? false;
  if (measured === null || !isSane(key, measured)) return { bad: null, value: 'not measured' };
  const value = key === 'responseMs' || key === 'probeMs' ? formatMs(measured) : formatPercent(measured);
  return { bad: measured > limit ? (asBefore ? null : true) : false, value };
}

/** What users waited for, and what the bot itself waited for: either is slow enough, but only both known can be good. */
function slow(facts: RuleFacts, limit: number): Reading {
  const p95 = above(facts, 'response-time', 'responseMs', limit);
  const probe = above(facts, 'probe', 'probeMs', limit);
  if (p95.bad === true || probe.bad === null) return p95;
  if (probe.bad) return { bad: true, value: `${probe.value} (probe)` };
  const undeclared = facts.sample.missing['responseMs'] === QUIET.undeclared;
  return undeclared ? probe : p95;
}

function answered({ lines, fresh }: RuleFacts, gate: 'quality-gates' | 'smoke'): Reading {
  const line = lines.find((found) => found.gate === gate);
  if (line === undefined || !fresh(gate)) return { bad: null, value: 'not checked' };
  return { bad: line.state === 'fail' ? true : line.state === 'pass' ? false : null, value: line.value };
}

function termsOf(rule: Rule, { rollback, recoveryThreshold }: RuleTerms): Terms {
  const mode = rollback.modes[rule];
  switch (rule) {
    case 'error-rate': {
      const { above: limit, for: span } = rollback.errorRate;
      return {
        mode,
        threshold: `above ${formatPercent(limit)} for more than ${formatDuration(span)}`,
        isMet: ({ heldMs }) => heldMs > span,
        detail: ({ heldMs }) => `above ${formatPercent(limit)} for ${formatDuration(heldMs)}`,
        clearsAt: recoveryThreshold,
      };
    }
    case 'response-time': {
      const { above: limit, for: span } = rollback.responseTime;
      return {
        mode,
        threshold: `above ${formatMs(limit)} for ${formatDuration(span)}`,
        isMet: ({ heldMs }) => heldMs >= span,
        detail: ({ heldMs }) => `above ${formatMs(limit)} for ${formatDuration(heldMs)}`,
        clearsAt: recoveryThreshold,
      };
    }
    case 'cpu':
    case 'memory': {
      const { above: limit, checks } = rollback[rule];
      return { mode, clearsAt: recoveryThreshold, ...inARow(checks, `above ${formatPercent(limit)}`) };
    }
    case 'quality-gates':
      return { mode, clearsAt: 1, ...inARow(rollback.qualityGates.failures, 'failed') };
    case 'smoke':
      return { mode, clearsAt: 1, ...inARow(1, 'a critical smoke test failed') };
  }
}

function inARow(checks: number, what: string): Pick<Terms, 'threshold' | 'isMet' | 'detail'> {
  const times = (count: number) => (count === 1 ? what : `${what} ${count} times in a row`);
  return { threshold: times(checks), isMet: ({ failures }) => failures >= checks, detail: ({ failures }) => times(failures) };
}
