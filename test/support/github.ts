// A Github port that answers what a test says; where it says nothing, main is protected and the commit is green.

import type { CheckRun, CommitStatus, Github, Protection, Read, Unread } from '../../src/core/github.ts';

export const read = <T>(value: T): Read<T> => ({ kind: 'read', value });
export const unread = (changed: Partial<Unread> = {}): { readonly kind: 'unread' } & Unread => ({
  kind: 'unread',
  code: 'forbidden',
  detail: 'it may not be read',
  hint: null,
  askAgainAt: null,
  ...changed,
});

export const ACTIONS = { id: 15_368, slug: 'github-actions' };

export function run(name: string, changed: Partial<CheckRun> = {}): CheckRun {
  const at = 1_795_000_000_000;
  return {
    id: 1,
    name,
    app: ACTIONS,
    conclusion: 'success',
    startedAt: at - 60_000,
    completedAt: at,
    url: `https://gh.test/${name}`,
    ...changed,
  };
}

export function status(name: string, changed: Partial<CommitStatus> = {}): CommitStatus {
  return { id: 1, name, state: 'success', by: 'ci-bot', at: 1_795_000_000_000, url: `https://ci.test/${name}`, ...changed };
}

export function protects(...names: readonly string[]): Protection {
  return { checks: names.map((name) => ({ name, appId: null, by: 'protection' })), unread: [] };
}

export function githubPort(answers: Partial<Github> = {}): Github {
  return {
    protection: async () => read(protects('build')),
    checkRuns: async () => read([run('build')]),
    statuses: async () => read([]),
    reach: async () => read('on-branch'),
    pulls: async () => read([]),
    ...answers,
  };
}
