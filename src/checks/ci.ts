// Are the required checks green on the very commit of the tag? One report per source counts: its newest.

import { type CheckResult, fail, pass, unknown } from '../core/check.ts';
import type { RequiredCheck } from '../core/config.ts';
import type { CheckRun, CommitStatus, Protection, Read } from '../core/github.ts';
import { formatUtc, type Instant } from '../core/time.ts';
import { counted } from '../core/units.ts';
import type { Check } from './context.ts';
import { firstUnread, notRead, unaskable, type WantedCheck, wantedChecks } from './github-facts.ts';

export interface CiFacts {
  readonly repository: string;
  readonly commit: string;
  readonly required: readonly RequiredCheck[];
  readonly protection: Read<Protection>;
  readonly runs: Read<readonly CheckRun[]>;
  readonly statuses: Read<readonly CommitStatus[]>;
  readonly now: Instant;
}

export interface CiJudged {
  readonly result: CheckResult;
  /** When the oldest of the green reports was made; null = nothing is known. */
  readonly at: Instant | null;
}

/** What one source last said about a check. */
interface Report {
  readonly name: string;
  /** `status` = a commit status, which names no app. */
  readonly from: { readonly kind: 'app'; readonly id: number; readonly slug: string } | { readonly kind: 'status'; readonly by: string };
  readonly id: number;
  readonly state: 'green' | 'pending' | 'red';
  /** GitHub's own word. */
  readonly word: string;
  readonly at: Instant | null;
  readonly startedAt: Instant | null;
  readonly url: string | null;
}

type Verdict =
  | { readonly kind: 'green'; readonly at: Instant | null }
  | { readonly kind: 'pending' | 'red' | 'missing'; readonly detail: string; readonly url: string | null };

const ASK_AGAIN_MS = 15_000;

export const checkCi: Check = async ({ config, ports, request, now }, signal) => {
  const { github } = config;
  const { commit } = request;
  const not = unaskable(github, commit);
  if (github === null || not !== null) return { result: not ?? unknown('no repository'), at: now };
  const { repository, branch, requiredChecks: required } = github;
  const [protection, runs, statuses] = await Promise.all([
    ports.github.protection({ repository, branch, signal }),
    ports.github.checkRuns({ repository, commit, signal }),
    ports.github.statuses({ repository, commit, signal }),
  ]);
  const { result, at } = judgeCi({ repository, commit, required, protection, runs, statuses, now });
  return { result, at: at ?? now };
};

export function judgeCi({ repository, commit, required, protection, runs, statuses, now }: CiFacts): CiJudged {
  const where = `https://github.com/${repository}/commit/${commit}/checks`;
  const answer = (result: CheckResult, at: Instant | null = null): CiJudged => ({ result, at });
  // Which app counts, and without a list which checks, is for protection to say; only a list that names its apps does without.
  const rules = protection.kind === 'read' && protection.value.unread.length === 0 ? protection.value : null;
  const needsRules = required.length === 0 || required.some(({ app }) => app === null);
  if (needsRules && rules === null) return answer(protectionUnread(protection));
  const wanted = wantedChecks(required, rules ?? { checks: [], unread: [] });
  if (wanted.length === 0) return answer(fail('no check is required on this branch', 'Name them: github.requiredChecks in dhash.yml'));
  const needsStatuses = wanted.some(({ from }) => from.kind === 'any');
  const unread = firstUnread(runs, needsStatuses ? statuses : null);
  if (unread !== null) return answer(unread);

  const reports = newest([
    ...(runs.kind === 'read' ? runs.value.map(reportOfRun) : []),
    ...(statuses.kind === 'read' ? statuses.value.map(reportOfStatus) : []),
  ]);
  const verdicts = wanted.map((check) => notYet(check, judgeCheck(check, reports), reports));
  const red = verdicts.filter((verdict) => verdict.kind === 'red' || verdict.kind === 'missing');
  const open = verdicts.filter((verdict) => verdict.kind === 'pending');
  const link = (verdict: Verdict | undefined) => (verdict?.kind === 'green' ? null : verdict?.url) ?? where;
  if (red.some(({ kind }) => kind === 'red')) return answer(fail(told(red), `See ${link(red.find(({ kind }) => kind === 'red'))}`));
  if (red.length > 0) return answer(fail(told(red), `Let them run on exactly this commit: ${where}`));
  if (open.length > 0) return answer(unknown(`pending: ${told(open)}`, `Wait for it: ${link(open[0])}`, now + ASK_AGAIN_MS));
  const times = verdicts.flatMap((verdict) => (verdict.kind === 'green' && verdict.at !== null ? [verdict.at] : []));
  return answer(
    pass(`${counted(wanted.length, 'required check')} green on ${commit.slice(0, 12)}: ${wanted.map(({ name }) => name).join(', ')}`),
    times.length === 0 ? null : Math.min(...times),
  );
}

function protectionUnread(protection: Read<Protection>): CheckResult {
  const missing = protection.kind === 'unread' ? protection : protection.value.unread[0];
  const hint = 'Or name the app of each check in dhash.yml: requiredChecks: [{ name: ..., app: github-actions }]';
  if (missing === undefined) return unknown('what the branch requires was not read', hint);
  const { askAgainAt } = missing;
  return askAgainAt !== null ? notRead(missing) : unknown(missing.detail, `${missing.hint === null ? '' : `${missing.hint} `}${hint}`);
}

/** Everybody who counts must be green; whoever does not count is only named. */
function judgeCheck({ name, from }: WantedCheck, reports: readonly Report[]): Verdict {
  const same = reports.filter((report) => report.name === name);
  const counting = same.filter((report) => counts(from, report.from));
  const absent = from.kind === 'ids' ? from.ids.filter((id) => !counting.some((report) => idOf(report) === id)) : [];
  if (counting.length === 0 || absent.length > 0) {
    const others = same.filter((report) => !counting.includes(report)).map((report) => sourceOf(report));
    const look = others.length === 0 ? '' : ` (what ${others.join(' and ')} says does not count)`;
    return { kind: 'missing', detail: `${name} has no run of ${wantedSource(from, absent)}${look}`, url: null };
  }
  const red = counting.find(({ state }) => state === 'red');
  if (red !== undefined) return { kind: 'red', detail: `${name} is ${red.word}`, url: red.url };
  const open = counting.find(({ state }) => state === 'pending');
  if (open !== undefined) {
    const since = open.startedAt === null ? 'has not begun' : `runs since ${formatUtc(open.startedAt).slice(11, 16)} UTC`;
    return { kind: 'pending', detail: `${name} ${since}`, url: open.url };
  }
  const times = counting.flatMap(({ at }) => at ?? []);
  return { kind: 'green', at: times.length === 0 ? null : Math.min(...times) };
}

/** A job that waits for another one is not there before that one has ended: missing is final only once everything else is. */
function notYet({ name, from }: WantedCheck, verdict: Verdict, reports: readonly Report[]): Verdict {
  const busy = reports.find((report) => report.state === 'pending' && counts(from, report.from));
  if (verdict.kind !== 'missing' || busy === undefined) return verdict;
  return { kind: 'pending', detail: `${name} is not there yet while ${busy.name} runs`, url: busy.url };
}

/** Of each source the report with the highest id, which is the newest: a rerun counts from the moment it exists. */
function newest(reports: readonly Report[]): readonly Report[] {
  const last = new Map<string, Report>();
  for (const report of reports) {
    const key = `${report.name}\n${report.from.kind === 'app' ? `app ${report.from.id}` : 'status'}`;
    const known = last.get(key);
    if (known === undefined || report.id > known.id) last.set(key, report);
  }
  return [...last.values()];
}

function reportOfRun({ id, name, app, conclusion, startedAt, completedAt, url }: CheckRun): Report {
  // Skipped and neutral let a merge pass on GitHub, yet nothing was tested: here they are not green. Neither is anything new.
  const state = conclusion === null ? 'pending' : conclusion === 'success' ? 'green' : 'red';
  const word = conclusion?.replaceAll('_', ' ') ?? 'pending';
  return {
    name,
    from: { kind: 'app', id: app?.id ?? -1, slug: app?.slug ?? 'an unnamed app' },
    id,
    state,
    word,
    at: completedAt,
    startedAt,
    url,
  };
}

function reportOfStatus({ id, name, state, by, at, url }: CommitStatus): Report {
  const judged = state === 'success' ? 'green' : state === 'pending' ? 'pending' : 'red';
  return { name, from: { kind: 'status', by: by ?? 'somebody' }, id, state: judged, word: state, at, startedAt: at, url };
}

function counts(wanted: WantedCheck['from'], found: Report['from']): boolean {
  if (wanted.kind === 'any') return true;
  if (found.kind === 'status') return false;
  return wanted.kind === 'slug' ? found.slug === wanted.slug : wanted.ids.includes(found.id);
}

function idOf({ from }: Report): number | null {
  return from.kind === 'app' ? from.id : null;
}

function sourceOf({ from }: Report): string {
  return from.kind === 'app' ? from.slug : `a commit status of ${from.by}`;
}

function wantedSource(from: WantedCheck['from'], absent: readonly number[]): string {
  if (from.kind === 'any') return 'anybody on this commit';
  return from.kind === 'slug' ? `${from.slug} on this commit` : `the app ${absent.join(', ')} on this commit`;
}

function told(verdicts: readonly Verdict[]): string {
  return verdicts.flatMap((verdict) => (verdict.kind === 'green' ? [] : [verdict.detail])).join('; ');
}
