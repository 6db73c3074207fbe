// How fast does what is live answer one request, and where does the time go?

import { type CheckResult, fail, pass } from '../core/check.ts';
import type { QualityGates } from '../core/config.ts';
import { describePhases, type Phases, slowestPhase } from '../core/phases.ts';
import type { HttpAnswer } from '../core/ports.ts';
import { formatMs } from '../core/units.ts';
import type { Check } from './context.ts';

const TIMEOUT_MS = 10_000;

export const checkPerformance: Check = async ({ environment, config, ports, store, now }, signal) => {
  const url = environment.monitor.health;
  // Whatever answers there now, it is nothing of ours.
  if ((await store.liveDeployment(environment.name)) === null)
    return { result: { kind: 'skip', detail: 'nothing was deployed here yet, so there is nothing to measure' }, at: now };
  const answer = await ports.http.get(url, { timeoutMs: TIMEOUT_MS, signal });
  return { result: judgePerformance({ url, answer, performance: config.qualityGates.performance }), at: now };
};

export interface PerformanceFacts {
  readonly url: string;
  readonly answer: HttpAnswer;
  readonly performance: Pick<QualityGates['performance'], 'responseTimeMax'>;
}

export function judgePerformance({ url, answer, performance: { responseTimeMax } }: PerformanceFacts): CheckResult {
  const breakdown = describePhases(answer);
  if (answer.kind === 'failed')
    return fail(`${url} gave no answer: ${answer.code}, ${answer.detail} (${breakdown})`, 'Look at the service: /dhash health');
  if (answer.status < 200 || answer.status > 299)
    return fail(`${url} answered ${answer.status} (${breakdown})`, 'Look at the service first.');
  // A number that is none would compare as "not above".
  if (!(answer.ms <= responseTimeMax))
    return fail(`${url} took more than ${formatMs(responseTimeMax)}: ${breakdown}`, whereToLook(answer.phases));
  return pass(`${breakdown} (limit ${formatMs(responseTimeMax)})`);
}

const WHERE: Readonly<Record<keyof Phases, string>> = {
  dnsMs: 'Most of it is looking up the name: look at the resolver of this host.',
  connectMs: 'Most of it is connecting: look at the proxy and its backlog.',
  tlsMs: 'Most of it is TLS: look at the certificate chain and the load of the proxy.',
  firstByteMs: 'Most of it is waiting for the first byte: the service itself is slow.',
};

function whereToLook(phases: Phases | undefined): string {
  const slowest = phases === undefined ? null : slowestPhase(phases);
  return slowest === null ? 'Ask again: /dhash health' : WHERE[slowest];
}
