// Was this very commit tried out before the merge, with success, from a clean tree, and not too long ago?

import { type CheckResult, error, fail, pass } from '../core/check.ts';
import { formatDuration, type Instant } from '../core/time.ts';
import type { Check } from './context.ts';
import { type PremergeReport, parsePremergeReport } from './premerge-report.ts';

export interface PremergeFacts {
  readonly path: string;
  /** null = there is no such file. */
  readonly text: string | null;
  /** The commit that is to be deployed. */
  readonly commit: string;
  readonly maxAge: number;
  readonly now: Instant;
}

export const checkPremerge: Check = async ({ config, ports, request, now }) => {
  const { tag, commit } = request;
  const path = config.premerge.report.replaceAll('{tag}', tag).replaceAll('{commit}', commit);
  const text = await ports.files.read(path);
  const result = judgePremerge({ path, text, commit, maxAge: config.premerge.maxAge, now });
  const report = text === null ? null : parsePremergeReport(text);
  return { result, at: report?.endedAt ?? report?.startedAt ?? now };
};

const AGAIN = 'In a clean checkout of that commit run: bin/dhash premerge';
/** Clocks of two machines differ. */
const SKEW_MS = 5 * 60_000;

export function judgePremerge({ path, text, commit, maxAge, now }: PremergeFacts): CheckResult {
  if (text === null) return error(`there is no report ${path}`, `${AGAIN}, or say in dhash.yml (premerge.report) where its report is.`);
  const report = parsePremergeReport(text);
  if (report === null) return error(`${path} is not a pre-merge report that this version can read`, `Make it anew. ${AGAIN}`);
  const { endedAt, verdict } = report;
  if (report.commit !== commit) {
    return fail(`the report is about ${short(report.commit ?? 'no commit')}, the deploy about ${short(commit)}`, AGAIN);
  }
  if (verdict === 'unfinished' || endedAt === null)
    return fail(`the run begun at ${report.started} has not ended`, `Wait for it, or: ${AGAIN}`);
  if (verdict === 'failed') return fail(report.why, firstHint(report) ?? AGAIN);
  if (report.dirty !== false) return fail('the tree had changes that are not in the commit', `Commit or remove them. ${AGAIN}`);
  if (endedAt > now + SKEW_MS) return error(`the report says it was made in the future, at ${report.ended}`, 'Look at the clocks: date -u');
  const age = Math.max(0, now - endedAt);
  if (age > maxAge) return fail(`made ${formatDuration(age)} ago, which is more than ${formatDuration(maxAge)}`, AGAIN);
  return pass(`${report.why}; made ${formatDuration(age)} ago`);
}

function firstHint({ stages }: PremergeReport): string | null {
  return stages.find(({ outcome }) => outcome === 'failed')?.hint ?? null;
}

/** A hash of an archive has its kind in front. */
function short(commit: string): string {
  return commit.slice(0, commit.startsWith('sha256:') ? 19 : 12);
}
