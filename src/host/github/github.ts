// The Github port over the REST API. Nothing here judges: it reads, bounds and names what could not be read.

import type { AskCommit, Github, ProtectedCheck, Protection, PullRequest, Reach, Read, Unread } from '../../core/github.ts';
import {
  branchForm,
  classicChecks,
  compareForm,
  type PullForm,
  parsed,
  protectionForm,
  pullList,
  reviewsOf,
  ruleChecks,
  runsOf,
  statusesOf,
} from './answers.ts';
import { type Client, createClient, type GithubOptions, type Path } from './client.ts';
import type { Answer } from './failure.ts';

const MAX_PULLS = 10;

export function createGithub(options: GithubOptions): Github {
  const client = createClient(options);
  return {
    protection: (ask) => protection(client, ask),
    checkRuns: ({ repository, commit, signal }) => {
      const what = `the check runs of ${short(commit)}`;
      // All of them, not GitHub's "latest": a rerun that has not ended must not hide behind the run before it.
      return client.all(of(repository, '/commits/{commit}/check-runs', what, { commit, filter: 'all' }), runsOf, signal);
    },
    statuses: ({ repository, commit, signal }) =>
      client.all(of(repository, '/commits/{commit}/statuses', `the commit statuses of ${short(commit)}`, { commit }), statusesOf, signal),
    reach: (ask) => reach(client, ask),
    pulls: (ask) => pulls(client, ask),
  };
}

async function protection(client: Client, ask: Parameters<Github['protection']>[0]): Promise<Read<Protection>> {
  const { repository, branch, signal } = ask;
  const at = of(repository, '/branches/{branch}', `the branch ${branch} of ${repository}`, { branch });
  const found = await client.one(at, parsed(branchForm), signal);
  if (found.kind === 'unread') return found;
  const [classic, rules] = await Promise.all([
    classicProtection(client, ask, found.value.protected, classicChecks(found.value.protection?.required_status_checks)),
    client.all(of(repository, '/rules/branches/{branch}', `the rulesets of ${branch}`, { branch }), ruleChecks, signal),
  ]);
  const parts: readonly Read<readonly ProtectedCheck[]>[] = [classic, rules];
  return {
    kind: 'read',
    value: {
      checks: parts.flatMap((part) => (part.kind === 'read' ? part.value : [])),
      unread: parts.flatMap((part): readonly Unread[] => (part.kind === 'unread' ? [part] : [])),
    },
  };
}

/** The branch shows what it requires to most readers; the protection itself, which wants more rights, only where it shows nothing. */
async function classicProtection(
  client: Client,
  { repository, branch, signal }: Parameters<Github['protection']>[0],
  isProtected: boolean,
  shown: readonly ProtectedCheck[],
): Promise<Read<readonly ProtectedCheck[]>> {
  if (!isProtected || shown.length > 0) return { kind: 'read', value: shown };
  const at = of(repository, '/branches/{branch}/protection', `the protection of ${branch}`, { branch });
  const asked = await client.one(at, parsed(protectionForm), signal);
  if (asked.kind === 'read') return { kind: 'read', value: classicChecks(asked.value.required_status_checks) };
  // A ruleset alone protects it. GitHub has these words for it, and "Not Found" for somebody who may not look.
  if (asked.status === 404 && asked.said === 'Branch not protected') return { kind: 'read', value: [] };
  return asked;
}

async function reach(client: Client, { repository, branch, commit, signal }: Parameters<Github['reach']>[0]): Promise<Read<Reach>> {
  const what = `the way from ${short(commit)} to ${branch}`;
  const at = of(repository, '/compare/{basehead}', what, { basehead: `${branch}...${commit}`, per_page: 1 });
  const compared = await client.one(at, parsed(compareForm), signal);
  if (compared.kind === 'read') {
    const { status } = compared.value;
    return { kind: 'read', value: status === 'identical' || status === 'behind' ? 'on-branch' : 'not-on-branch' };
  }
  if (compared.status !== 404) return compared;
  // Told apart by looking at the branch: whoever sees it would see the commit, too.
  const seen = await client.one(of(repository, '/branches/{branch}', what, { branch }), parsed(branchForm), signal);
  return seen.kind === 'read' ? { kind: 'read', value: 'absent' } : compared;
}

async function pulls(client: Client, ask: AskCommit & { readonly branch: string }): Promise<Read<readonly PullRequest[]>> {
  const { repository, branch, commit, signal } = ask;
  const what = `the pull requests of ${short(commit)}`;
  const listed: Answer<readonly PullForm[]> = await client.all(
    of(repository, '/commits/{commit}/pulls', what, { commit }),
    pullList,
    signal,
  );
  if (listed.kind === 'unread') return listed;
  const merged = listed.value.filter(({ base, merged_at }) => base.ref === branch && merged_at != null).slice(0, MAX_PULLS);
  const found: PullRequest[] = [];
  for (const { number, user, html_url } of merged) {
    const at = of(repository, '/pulls/{number}/reviews', `the reviews of pull request ${number}`, { number });
    const reviews = await client.all(at, reviewsOf, signal);
    if (reviews.kind === 'unread') return reviews;
    found.push({ number, author: user?.login ?? null, url: html_url ?? null, reviews: reviews.value });
  }
  return { kind: 'read', value: found };
}

function of(repository: string, route: string, what: string, parameters: Path['with']): Path {
  const [owner = '', repo = ''] = repository.split('/');
  return { route: `/repos/{owner}/{repo}${route}`, with: { owner, repo, ...parameters }, what };
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
