// The end of a watch: nothing is certified while anything is red, blind or unknown.

import { blindSources, breachedGates, type WatchState } from './breach.ts';
import { GATES, type Gate } from './gates.ts';
import { metRules } from './rules.ts';

export interface Certified {
  readonly verdict: 'certified' | 'not-certified';
  readonly why: string;
}

export function certify(state: WatchState): Certified {
  const gates = (holds: (gate: WatchState['gates'][Gate]) => boolean) => GATES.filter((gate) => holds(state.gates[gate]));
  const breached = breachedGates(state);
  if (breached.length > 0) return notCertified(`breached at the end: ${breached.join(', ')}`);
  const met = metRules(state.rules);
  if (met.length > 0) return notCertified(`a rollback rule is met at the end: ${met.join(', ')}`);
  const blind = blindSources(state);
  if (blind.length > 0) return notCertified(`out of sight at the end: ${blind.join(', ')}`);
  if (state.gates.health.passed === 0) return notCertified('health was never seen good');
  const before = gates(({ last, asBefore }) => last === 'fail' && asBefore);
  if (before.length > 0) return notCertified(`fails, as it did before the switch: ${before.join(', ')}`);
  const failing = gates(({ last }) => last === 'fail');
  if (failing.length > 0) return notCertified(`failing at the last check: ${failing.join(', ')}`);
  const lost = gates(({ last }) => last === 'error');
  if (lost.length > 0) return notCertified(`not measured at the last check: ${lost.join(', ')}`);
  const never = gates(({ last, passed }) => last === 'unknown' && passed === 0);
  if (never.length > 0) return notCertified(`never measured: ${never.join(', ')}`);
  const recovered = state.breaches === 0 ? 'no breach' : `${state.breaches === 1 ? 'one breach' : `${state.breaches} breaches`}, recovered`;
  return { verdict: 'certified', why: `${state.checks} checks, ${recovered}` };
}

export function notCertified(why: string): Certified {
  return { verdict: 'not-certified', why };
}
