// Facts that several notices carry, each said the same way everywhere.

import type { EventOf, Measure, StoredEvent } from '../../core/event.ts';
import { formatDuration } from '../../core/time.ts';
import { commitsPhrase } from '../commits.ts';
import type { Line, Span } from '../message.ts';
import { utc } from '../phrases.ts';
import type { RequestView } from '../view.ts';
import { NOT_KNOWN, type NoticeContext, type Site } from './notice.ts';

/** Never pings: a name where one is known, else the bare id. */
function personName({ notify }: Site, id: string | null): string {
  if (id === null) return NOT_KNOWN;
  return notify.contacts[id]?.name ?? id;
}

export function personLine({ site, form }: Pick<NoticeContext, 'site' | 'form'>, id: string | null): Line {
  if (id === null) return ['nobody is named in dhash.yml'];
  const mail = site.notify.contacts[id]?.mail ?? null;
  return form === 'mail' && mail !== null ? [`${personName(site, id)} <${mail}>`] : [personName(site, id)];
}

/** The deploy lead of the configuration, and who asked when that is somebody else. */
export function leadLine(context: Pick<NoticeContext, 'site' | 'form' | 'view'>): Line {
  const { site, view } = context;
  const lead = site.people.deployLead;
  const asked = view.by.id === lead ? [] : [`, asked by ${view.by.name}`];
  return [...personLine(context, lead), ...asked];
}

export function measureFact(measures: readonly Measure[], gate: string): string {
  const found = measures.find((measure) => measure.gate === gate);
  if (found === undefined) return 'not measured';
  const word = found.state === 'pass' ? 'ok' : found.state === 'fail' ? 'NOT OK' : 'not judged';
  return `${found.value} (target: ${found.threshold}) ${word}`;
}

/** How many of the gates that answered pass; what did not answer is told, never counted as good. */
export function gatesFact(measures: readonly Measure[]): string {
  if (measures.length === 0) return 'not measured yet: the watch begins after the switch';
  const passed = measures.filter(({ state }) => state === 'pass').length;
  const failed = measures.filter(({ state }) => state === 'fail').map(({ label }) => label);
  const open = measures.filter(({ state }) => state !== 'pass' && state !== 'fail').map(({ label }) => label);
  return [
    `${passed} of ${measures.length} pass`,
    ...(failed.length > 0 ? [`not: ${failed.join(', ')}`] : []),
    ...(open.length > 0 ? [`not judged: ${open.join(', ')}`] : []),
  ].join('; ');
}

export function impactFact(measures: readonly Measure[]): string {
  const rate = measures.find(({ gate }) => gate === 'error-rate');
  const health = measures.find(({ gate }) => gate === 'health');
  if (health?.state === 'fail') return `users may get no answer: health is ${health.value}`;
  if (rate?.state === 'fail') return `${rate.value} of requests fail (target: ${rate.threshold})`;
  const slow = measures.find(({ gate, state }) => gate === 'response-time' && state === 'fail');
  if (slow !== undefined) return `answers are slow: ${slow.value} (target: ${slow.threshold})`;
  return rate?.state === 'pass' ? `none seen: error rate ${rate.value}` : NOT_KNOWN;
}

/** Which backup it would go back to. */
export function rollbackFact({ live, backup }: RequestView): Line {
  if (live?.rollbackBackup != null && live.rollbackTag !== null)
    return [`to ${live.rollbackTag} from the pinned backup `, { code: live.rollbackBackup }];
  if (backup !== null) return ['from the verified backup ', { code: backup.file }];
  return ['a backup of what is live is made and verified before the switch; its name is not known yet'];
}

/** Old version -> new one, as a link to the comparison where the repository is known. */
export function changesFact({ tag, commit, commits, live }: RequestView, { github }: Site): Line {
  const from = live?.previousTag ?? null;
  const base = github === null ? null : `https://github.com/${github.repository}`;
  const spans: Span[] = [`${from === null ? '' : `${from} -> `}${tag ?? NOT_KNOWN}`];
  if (commit !== null) spans.push(' at ', { code: commit.slice(0, 12) });
  if (commits !== null) spans.push(`, ${commitsPhrase(commits)}`);
  if (base !== null && tag !== null && from !== null) {
    const compared = `${base}/compare/${encodeURIComponent(from)}...${encodeURIComponent(tag)}`;
    return [...spans, ', ', { link: compared, label: 'every change' }];
  }
  if (commits !== null) return spans;
  return [...spans, '; notes of the release are not recorded'];
}

export function updatesOf(story: readonly StoredEvent[]): readonly EventOf<'monitor.updated'>[] {
  return story.filter((told) => told.type === 'monitor.updated');
}

/** The number that a value begins with; null for "not measured". */
export function numberIn(value: string): number | null {
  const found = /^-?\d+(\.\d+)?/.exec(value)?.[0];
  return found === undefined ? null : Number(found);
}

export function watchFact(tag: string, durationMs: number | null, until: number | null): string {
  if (until !== null) return `${tag} is watched until ${utc(until)}`;
  return durationMs === null ? 'none is configured' : `${formatDuration(durationMs)} after it is live`;
}

/** Summed from how long each step took last time; null = never measured. */
export function expectedMs(view: RequestView): number | null {
  const known = Object.values(view.expected);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0);
}
