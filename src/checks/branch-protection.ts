// Does the branch let nothing in that the required checks (and reviews) have not seen, and did the commit come that way?

import { type CheckResult, fail, pass, unknown } from '../core/check.ts';
import type { RequiredCheck } from '../core/config.ts';
import type { Protection, PullRequest, Reach, Read } from '../core/github.ts';
import { counted } from '../core/units.ts';
import type { Check } from './context.ts';
import { firstUnread, notRead, unaskable } from './github-facts.ts';

export interface BranchFacts {
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
  readonly required: readonly RequiredCheck[];
  readonly protection: Read<Protection>;
  readonly reach: Read<Reach>;
  readonly reviews: number;
  /** null = no reviews are wanted, so nobody asked. */
  readonly pulls: Read<readonly PullRequest[]> | null;
}

export const checkBranchProtection: Check = async ({ config, ports, request, now }, signal) => {
  const { github } = config;
  const { commit } = request;
  const not = unaskable(github, commit);
  if (github === null || not !== null) return { result: not ?? unknown('no repository'), at: now };
  const { repository, branch, requiredChecks: required, reviews } = github;
  const [protection, reach, pulls] = await Promise.all([
    ports.github.protection({ repository, branch, signal }),
    ports.github.reach({ repository, branch, commit, signal }),
    reviews === 0 ? null : ports.github.pulls({ repository, branch, commit, signal }),
  ]);
  return { result: judgeBranchProtection({ repository, branch, commit, required, protection, reach, reviews, pulls }), at: now };
};

export function judgeBranchProtection(facts: BranchFacts): CheckResult {
  const { branch, repository } = facts;
  const commit = facts.commit.slice(0, 12);
  // What was read and is wrong is told before what could not be read.
  const judged = [judgeRules(facts), judgeReach(facts), judgeReviews(facts)];
  const bad = judged.find(({ kind }) => kind === 'fail') ?? judged.find(({ kind }) => kind !== 'pass');
  if (bad !== undefined) return bad;
  const details = judged.flatMap(({ detail }) => (detail === '' ? [] : [detail]));
  return pass(`${branch} of ${repository} ${details.join(', ')}; ${commit} is on it`);
}

function judgeRules({ repository, branch, required, protection }: BranchFacts): CheckResult {
  if (protection.kind === 'unread') return notRead(protection);
  const { checks, unread } = protection.value;
  const names = new Set(checks.map(({ name }) => name));
  const missing = required.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  // A part that was not read can only add to the list: with everything in it already, it is not missed.
  if (required.length > 0 && missing.length === 0) return pass(`requires ${counted(required.length, 'check')}`);
  const [first] = unread;
  if (first !== undefined) return notRead(first);
  if (required.length === 0 && names.size > 0) return pass(`requires ${counted(names.size, 'check')}`);
  const settings = `https://github.com/${repository}/settings/branches`;
  if (names.size === 0) return fail(`${branch} of ${repository} requires no check at all`, `Protect it: ${settings}`);
  return fail(
    `${branch} of ${repository} does not require ${missing.join(', ')}`,
    `Add what is missing to its required checks: ${settings}`,
  );
}

function judgeReach({ repository, branch, commit, reach }: BranchFacts): CheckResult {
  if (reach.kind === 'unread') return notRead(reach);
  const short = commit.slice(0, 12);
  switch (reach.value) {
    case 'on-branch':
      return pass('');
    case 'not-on-branch':
      return fail(
        `${short} is not on ${branch}: it did not pass through its protection`,
        `Merge it into ${branch} and tag the merged commit: https://github.com/${repository}/compare/${branch}...${short}`,
      );
    case 'absent':
      return fail(`${repository} has no commit ${short}`, 'Push the tag and its branch to GitHub; or is source.git another repository?');
  }
}

function judgeReviews({ commit, branch, reviews, pulls }: BranchFacts): CheckResult {
  if (reviews === 0) return pass('');
  const unread = firstUnread(pulls);
  if (unread !== null || pulls?.kind !== 'read') return unread ?? unknown('the reviews were not asked for');
  if (pulls.value.length === 0) {
    return fail(
      `${commit.slice(0, 12)} came into ${branch} without a pull request, ${counted(reviews, 'approving review')} wanted`,
      'Open one.',
    );
  }
  const best = pulls.value.map((pull) => ({ pull, ...verdicts(pull) })).sort((one, other) => other.approved - one.approved);
  const refused = best.find(({ refusing }) => refusing.length > 0);
  if (refused !== undefined) {
    return fail(
      `pull request ${refused.pull.number}: ${refused.refusing.join(', ')} asked for changes`,
      `See ${refused.pull.url ?? 'it on GitHub'}`,
    );
  }
  const [most] = best;
  if (most !== undefined && most.approved >= reviews) return pass(`${counted(most.approved, 'approving review')}`);
  return fail(
    `pull request ${most?.pull.number} has ${counted(most?.approved ?? 0, 'approving review')}, ${reviews} wanted`,
    `Ask for reviews: ${most?.pull.url ?? 'on GitHub'}`,
  );
}

/** The last word of each reviewer counts; a mere comment takes none back, and the author is no reviewer. */
function verdicts({ author, reviews }: PullRequest): { readonly approved: number; readonly refusing: readonly string[] } {
  const last = new Map<string, string>();
  for (const { by, state } of reviews) {
    if (by !== null && by !== author && ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(state)) last.set(by, state);
  }
  const by = (wanted: string) => [...last].filter(([, state]) => state === wanted).map(([who]) => who);
  return { approved: by('APPROVED').length, refusing: by('CHANGES_REQUESTED') };
}
