// The watch is over: what was seen, and whether that makes the release officially successful.

import type { EventOf, Measure, StoredEvent } from '../../core/event.ts';
import { measureLine, utc } from '../phrases.ts';
import { measureFact, numberIn, updatesOf } from './facts.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';

export function finalReport({ told, story, view }: NoticeContext<'monitor.ended'>): Notice<'final'> {
  const { verdict, why, checks, breaches, measures } = told.data;
  const tag = view.watch?.tag ?? view.tag ?? 'the version';
  const certified = verdict === 'certified';
  const looks = [...updatesOf(story).map(({ data }) => data.measures), measures];
  const title = certified
    ? `${tag} is officially successful in ${view.environment}: certified`
    : `${tag} is NOT certified in ${view.environment}`;
  return {
    name: 'final',
    tone: certified ? 'good' : 'warn',
    title,
    facts: {
      period: [view.watch === null ? NOT_KNOWN : `${utc(view.watch.from)} to ${utc(told.at)}, ${checks} checks`],
      verdict: [certified ? `officially successful: ${why}` : `not certified: ${why}`],
      responseTime: [acrossLooks(looks, 'response-time', 'ms')],
      errorRate: [acrossLooks(looks, 'error-rate', '%')],
      gates: [gateShare(looks)],
      resources: [`CPU ${measureFact(measures, 'cpu')}; memory ${measureFact(measures, 'memory')}`],
      incidents: [
        incidents(
          breaches,
          story.filter((one) => one.type === 'monitor.breached'),
        ),
      ],
      reports: [reported(story)],
    },
    lines: [
      ...(certified ? [] : [[`Why: ${why}`]]),
      ...measures.filter(({ gate }) => gate === 'health' || gate === 'version').map(measureLine),
    ],
  };
}

/** The log holds summaries, not every sample, and the wording says so. */
function acrossLooks(looks: readonly (readonly Measure[])[], gate: string, unit: 'ms' | '%'): string {
  const found = looks.flatMap((measures) => measures.filter((measure) => measure.gate === gate));
  const numbers = found.flatMap(({ value }) => (value.endsWith(` ${unit}`) ? [numberIn(value)] : [])).filter((value) => value !== null);
  const last = found.at(-1);
  if (numbers.length === 0 || last === undefined) return 'not measured';
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const spread = `${Number(mean.toFixed(2))} ${unit} on average and ${Math.max(...numbers)} ${unit} at most in ${numbers.length} summaries`;
  return `${spread} (target: ${last.threshold})`;
}

function gateShare(looks: readonly (readonly Measure[])[]): string {
  const judged = looks.flat().filter(({ state }) => state === 'pass' || state === 'fail');
  if (judged.length === 0) return 'not measured';
  const passed = judged.filter(({ state }) => state === 'pass').length;
  return `${Math.floor((passed / judged.length) * 100)} % (${passed} of ${judged.length} answers in the summaries pass)`;
}

function reported(story: readonly StoredEvent[]): string {
  const reports = story.filter((told) => told.type === 'problem.reported');
  if (reports.length === 0) return 'none were made';
  const last = reports.at(-1);
  return `${reports.length}, the last by ${last?.actor?.name ?? 'somebody'}: ${last?.data.text ?? ''}`;
}

function incidents(breaches: number, told: readonly EventOf<'monitor.breached'>[]): string {
  if (breaches === 0) return 'none';
  const gates = [...new Set(told.map(({ data }) => data.gate))];
  return `${breaches === 1 ? 'one breach' : `${breaches} breaches`}${gates.length === 0 ? '' : `: ${gates.join(', ')}`}`;
}
