// The watch is over: what was seen, and whether that makes the release officially successful.

import type { StoredEvent } from '../../core/event.ts';
import { counted, formatMs, formatPercent } from '../../core/units.ts';
import type { WatchTotals } from '../../core/watch-totals.ts';
import { measureLine, utc } from '../phrases.ts';
import { measureFact } from './facts.ts';
import { NOT_KNOWN, type Notice, type NoticeContext } from './notice.ts';

export function finalReport({ told, story, view }: NoticeContext<'monitor.ended'>): Notice<'final'> {
  const { verdict, why, checks, breaches, measures, totals } = told.data;
  const tag = view.watch?.tag ?? view.tag ?? 'the version';
  const certified = verdict === 'certified';
  const target = (gate: string) => measures.find((measure) => measure.gate === gate)?.threshold ?? NOT_KNOWN;
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
      responseTime: [responseTime(totals, target('response-time'))],
      errorRate: [errorRate(totals, target('error-rate'))],
      gates: [gateShare(totals)],
      resources: [`CPU ${measureFact(measures, 'cpu')}; memory ${measureFact(measures, 'memory')}`],
      incidents: [incidents(breaches, story)],
      reports: [reported(story)],
    },
    lines: [
      ...(certified ? [] : [[`Why: ${why}`]]),
      ...measures.filter(({ gate }) => gate === 'health' || gate === 'version').map(measureLine),
    ],
  };
}

function responseTime(totals: WatchTotals | undefined, target: string): string {
  if (totals === undefined || totals.responseMs.count === 0) return 'not measured';
  const { count, sum, most } = totals.responseMs;
  return `p95 ${formatMs(sum / count)} on average and ${formatMs(most)} at most, in ${count} checks (target: ${target})`;
}

function errorRate(totals: WatchTotals | undefined, target: string): string {
  if (totals === undefined || totals.requests === 0) return 'not measured';
  const { failed, requests } = totals;
  return `${formatPercent((failed / requests) * 100)}: ${failed} of ${requests} requests failed (target: ${target})`;
}

function gateShare(totals: WatchTotals | undefined): string {
  if (totals === undefined || totals.answers === 0) return 'not measured';
  const { answers, passes } = totals;
  return `${Math.floor((passes / answers) * 100)} % (${passes} of ${answers} answers pass)`;
}

function reported(story: readonly StoredEvent[]): string {
  const reports = story.filter((told) => told.type === 'problem.reported');
  if (reports.length === 0) return 'none were made';
  const last = reports.at(-1);
  return `${reports.length}, the last by ${last?.actor?.name ?? 'somebody'}: ${last?.data.text ?? ''}`;
}

/** `breaches` is the watch's own count, which also holds for a story whose beginning is not there. */
function incidents(breaches: number, story: readonly StoredEvent[]): string {
  const gates = story.flatMap((told) => (told.type === 'monitor.breached' ? [told.data.gate] : []));
  const rules = story.flatMap((told) => (told.type === 'monitor.rule-met' ? [told.data.rule] : []));
  const blind = story.flatMap((told) => (told.type === 'monitor.blind' ? [told.data.source] : []));
  const parts = [
    ...named(breaches, counted(breaches, 'breach', 'breaches'), gates),
    ...named(rules.length, `${counted(rules.length, 'rollback rule')} met`, rules),
    ...named(blind.length, `blind ${counted(blind.length, 'time')}`, blind),
  ];
  return parts.length === 0 ? 'none' : parts.join('; ');
}

function named(count: number, words: string, names: readonly string[]): readonly string[] {
  if (count === 0) return [];
  return [names.length === 0 ? words : `${words}: ${[...new Set(names)].join(', ')}`];
}
