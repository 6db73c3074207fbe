import { describe, expect, test } from 'vitest';
import { type BranchFacts, checkBranchProtection, judgeBranchProtection } from '../../src/checks/branch-protection.ts';
import type { PullRequest } from '../../src/core/github.ts';
import { githubPort, protects, read, unread } from '../support/github.ts';
import { checkPorts, declared, NOW } from './support.ts';

const COMMIT = 'a'.repeat(40);
const named = (...names: readonly string[]) => names.map((name) => ({ name, app: null }));
const facts = (changed: Partial<BranchFacts> = {}): BranchFacts => ({
  repository: 'mobius/dhash',
  branch: 'main',
  commit: COMMIT,
  required: named('build', 'golden'),
  protection: read(protects('build', 'golden', 'lint')),
  reach: read('on-branch'),
  reviews: 0,
  pulls: null,
  ...changed,
});
const partly = (...names: readonly string[]) =>
  read({ ...protects(...names), unread: [unread({ detail: 'the rulesets may not be read' })] });
const pull = (...reviews: readonly (readonly [string, string])[]): PullRequest => ({
  number: 7,
  author: 'ana',
  url: 'https://gh.test/pull/7',
  reviews: reviews.map(([by, state]) => ({ by, state })),
});
const reviewed = (reviews: number, ...pulls: readonly PullRequest[]) => ({ reviews, pulls: read(pulls) });

describe('the branch protection check', () => {
  test.each<[string, Partial<BranchFacts>, string, string]>([
    ['passes when every required check is required', {}, 'pass', 'main of mobius/dhash requires 2 checks; aaaaaaaaaaaa is on it'],
    [
      'takes classic protection and rulesets together',
      {
        protection: read({
          checks: [
            { name: 'build', appId: null, by: 'protection' as const },
            { name: 'golden', appId: 15_368, by: 'ruleset' as const },
          ],
          unread: [],
        }),
      },
      'pass',
      'requires 2 checks',
    ],
    ['fails when one is not', { protection: read(protects('build')) }, 'fail', 'main of mobius/dhash does not require golden'],
    ['takes no name that only begins the same', { protection: read(protects('build', 'golden-old')) }, 'fail', 'does not require golden'],
    ['fails without any protection', { protection: read(protects()) }, 'fail', 'main of mobius/dhash requires no check at all'],
    [
      'wants at least something required where the file names nothing',
      { required: [], protection: read(protects()) },
      'fail',
      'no check at all',
    ],
    ['is content with whatever is required where the file names nothing', { required: [] }, 'pass', 'requires 3 checks'],
    ['knows nothing when protection cannot be read', { protection: unread() }, 'unknown', 'it may not be read'],
    ['needs no part that was not read when all is there already', { protection: partly('build', 'golden') }, 'pass', 'requires 2 checks'],
    [
      'knows nothing when what is missing may stand in the part not read',
      { protection: partly('build') },
      'unknown',
      'the rulesets may not be read',
    ],
    ['fails for a commit beside the branch', { reach: read('not-on-branch') }, 'fail', 'aaaaaaaaaaaa is not on main'],
    ['fails for a commit GitHub does not have', { reach: read('absent') }, 'fail', 'mobius/dhash has no commit aaaaaaaaaaaa'],
    ['knows nothing when the history cannot be read', { reach: unread() }, 'unknown', 'it may not be read'],
    ['tells what is wrong before what is not known', { protection: unread(), reach: read('not-on-branch') }, 'fail', 'is not on main'],
    [
      'counts approving reviews where they are asked for',
      reviewed(1, pull(['bob', 'APPROVED'])),
      'pass',
      'requires 2 checks, 1 approving review',
    ],
    [
      'counts each reviewer once',
      reviewed(2, pull(['bob', 'APPROVED'], ['bob', 'APPROVED'])),
      'fail',
      'pull request 7 has 1 approving review, 2 wanted',
    ],
    ['does not count the author', reviewed(1, pull(['ana', 'APPROVED'])), 'fail', 'has 0 approving reviews, 1 wanted'],
    [
      'keeps an approval through a later comment',
      reviewed(1, pull(['bob', 'APPROVED'], ['bob', 'COMMENTED'])),
      'pass',
      '1 approving review',
    ],
    [
      'drops an approval that was dismissed',
      reviewed(1, pull(['bob', 'APPROVED'], ['bob', 'DISMISSED'])),
      'fail',
      'has 0 approving reviews',
    ],
    [
      'fails while somebody asks for changes',
      reviewed(1, pull(['bob', 'APPROVED'], ['eve', 'CHANGES_REQUESTED'])),
      'fail',
      'pull request 7: eve asked for changes',
    ],
    [
      'takes the last word of a reviewer',
      reviewed(1, pull(['bob', 'CHANGES_REQUESTED'], ['bob', 'APPROVED'])),
      'pass',
      '1 approving review',
    ],
    ['fails without a pull request', reviewed(1), 'fail', 'aaaaaaaaaaaa came into main without a pull request'],
    ['knows nothing when the reviews cannot be read', { reviews: 1, pulls: unread() }, 'unknown', 'it may not be read'],
  ])('%s', (_title, changed, kind, detail) => {
    expect(judgeBranchProtection(facts(changed))).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test('hints at where to mend it', () => {
    expect(judgeBranchProtection(facts({ protection: read(protects()) }))).toMatchObject({
      hint: 'Protect it: https://github.com/mobius/dhash/settings/branches',
    });
    expect(judgeBranchProtection(facts({ reach: read('not-on-branch') }))).toMatchObject({
      hint: expect.stringContaining('https://github.com/mobius/dhash/compare/main...aaaaaaaaaaaa'),
    });
  });

  test('asks for reviews only where they are wanted', async () => {
    let asked = 0;
    const github = githubPort({
      pulls: async () => {
        asked += 1;
        return read([pull(['bob', 'APPROVED'])]);
      },
    });
    for (const reviews of [0, 1]) {
      const { config, environment } = await declared('github', { repository: 'mobius/dhash', requiredChecks: ['build'], reviews });
      const context = {
        environment,
        config,
        store: { backups: async () => [], liveDeployment: async () => null },
        ports: checkPorts({ github }),
        now: NOW,
      };
      const { result } = await checkBranchProtection(
        { ...context, request: { tag: 'v1.0.0', commit: COMMIT } },
        new AbortController().signal,
      );
      expect(result.kind).toBe('pass');
      expect(asked).toBe(reviews);
    }
  });
});
