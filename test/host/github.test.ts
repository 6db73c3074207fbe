// The GitHub port at the edge: what is asked, how far it is trusted, and how each way of not answering is told.

import { afterEach, describe, expect, test } from 'vitest';
import { createGithub } from '../../src/host/github/github.ts';
import { createRedactor } from '../../src/host/redact.ts';
import { type Said, tinyGithub } from './support/github.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const TOKEN = 'ghp_0123456789abcdefABCDEF';
const COMMIT = 'a'.repeat(40);
const R = '/repos/mobius/dhash';
const RUNS = `${R}/commits/${COMMIT}/check-runs`;
const SIGNAL = new AbortController().signal;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function hub(
  answer: (path: string, count: number) => Said,
  options: { token?: string | null; timeoutMs?: number; maxPages?: number } = {},
) {
  const tiny = await tinyGithub(answer);
  closing.push(tiny.close);
  const { token = TOKEN, ...rest } = options;
  const redact = createRedactor([TOKEN]);
  const github = createGithub({ token, apiUrl: tiny.url, clock: { now: () => NOW }, redact, retryMs: 1, ...rest });
  const about = { repository: 'mobius/dhash', commit: COMMIT, branch: 'main', signal: SIGNAL };
  return { ...tiny, github, about };
}

const branch = (body: object) => (path: string) => (path === `${R}/branches/main` ? { body } : {});
const plain = {
  protected: true,
  protection: { enabled: true, required_status_checks: { contexts: ['build'], checks: [{ context: 'build', app_id: 15_368 }] } },
};
const ruleset = (context: string, integration_id: number | null = null) => ({
  type: 'required_status_checks',
  parameters: { required_status_checks: [{ context, ...(integration_id === null ? {} : { integration_id }) }] },
});
const checkRun = (id: number) => ({
  id,
  name: 'build',
  status: 'completed',
  conclusion: 'success',
  started_at: '2026-11-23T11:00:00Z',
  completed_at: '2026-11-23T11:05:00Z',
  html_url: `https://gh.test/${id}`,
  app: { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' },
});

describe('the protection of a branch', () => {
  test('is classic protection and all pages of the rulesets, merged', async () => {
    const { github, about, asked, url } = await hub((path) => {
      if (path === `${R}/branches/main`) return { body: plain };
      if (path.includes('page=2')) return { body: [{ type: 'deletion' }, ruleset('golden', 15_368)] };
      return { body: [ruleset('lint')], headers: { link: `<${url}${R}/rules/branches/main?per_page=100&page=2>; rel="next"` } };
    });
    expect(await github.protection(about)).toMatchObject({
      kind: 'read',
      value: {
        checks: [
          { name: 'build', appId: 15_368, by: 'protection' },
          { name: 'lint', appId: null, by: 'ruleset' },
          { name: 'golden', appId: 15_368, by: 'ruleset' },
        ],
        unread: [],
      },
    });
    expect(asked).toHaveLength(3);
  });

  test.each<[string, Said, object]>([
    [
      'is only the rulesets where GitHub says so',
      { status: 404, body: { message: 'Branch not protected' } },
      { checks: [{ name: 'lint' }], unread: [] },
    ],
    [
      'says what it could not read',
      { status: 403, body: { message: 'Resource not accessible' } },
      { checks: [{ name: 'lint' }], unread: [{ code: 'forbidden' }] },
    ],
    [
      'takes a hidden one for hidden, not for none',
      { status: 404, body: { message: 'Not Found' } },
      { checks: [{ name: 'lint' }], unread: [{ code: 'not-found' }] },
    ],
  ])('%s', async (_title, said, value) => {
    const { github, about } = await hub((path) => {
      if (path.endsWith('/protection')) return said;
      return path.includes('/rules/') ? { body: [ruleset('lint')] } : { body: { protected: true } };
    });
    expect(await github.protection(about)).toMatchObject({ kind: 'read', value });
  });

  test('of a branch without any is empty', async () => {
    const { github, about } = await hub((path) => (path.includes('/rules/') ? { body: [] } : branch({ protected: false })(path)));
    expect(await github.protection(about)).toEqual({ kind: 'read', value: { checks: [], unread: [] } });
  });
});

describe('what was reported on a commit', () => {
  test('is read from all pages, with the token and to this host alone', async () => {
    const { github, about, asked, url } = await hub((path) =>
      path.includes('page=2')
        ? { body: { total_count: 2, check_runs: [checkRun(2)] } }
        : { body: { total_count: 2, check_runs: [checkRun(1)] }, headers: { link: `<${url}${RUNS}?per_page=100&page=2>; rel="next"` } },
    );
    const found = await github.checkRuns(about);
    expect(found).toMatchObject({
      kind: 'read',
      value: [{ id: 1, conclusion: 'success', completedAt: Date.UTC(2026, 10, 23, 11, 5) }, { id: 2 }],
    });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`token ${TOKEN}`, `token ${TOKEN}`]);
    expect(asked[0]?.path).toContain('filter=all');
  });

  test('without an end is not read to the end', async () => {
    const { github, about, url } = await hub(
      () => ({ body: { total_count: 1, check_runs: [] }, headers: { link: `<${url}${RUNS}>; rel="next"` } }),
      {
        maxPages: 3,
      },
    );
    expect(await github.checkRuns(about)).toMatchObject({
      kind: 'unread',
      code: 'too-many',
      detail: expect.stringContaining('more than 300'),
    });
  });

  test('keeps a run that has not ended without a conclusion', async () => {
    const open = { ...checkRun(1), status: 'in_progress', conclusion: null, completed_at: null };
    const { github, about } = await hub(() => ({ body: { total_count: 1, check_runs: [open] } }));
    expect(await github.checkRuns(about)).toMatchObject({ value: [{ conclusion: null, completedAt: null }] });
  });

  test('also are commit statuses', async () => {
    const body = [
      { id: 4, context: 'ci/x', state: 'pending', creator: { login: 'bot' }, created_at: '2026-11-23T11:00:00Z', target_url: null },
    ];
    const { github, about } = await hub(() => ({ body }));
    expect(await github.statuses(about)).toMatchObject({ value: [{ id: 4, name: 'ci/x', state: 'pending', by: 'bot' }] });
  });
});

describe('the way from a commit to the branch', () => {
  test.each(['identical', 'behind', 'ahead', 'diverged'])('%s', async (status) => {
    const { github, about } = await hub(() => ({ body: { status } }));
    const value = status === 'identical' || status === 'behind' ? 'on-branch' : 'not-on-branch';
    expect(await github.reach(about)).toMatchObject({ kind: 'read', value });
  });

  test('is absent only where the branch can be seen', async () => {
    const gone = { status: 404, body: { message: 'Not Found' } };
    const seen = await hub((path) => (path.includes('/compare/') ? gone : { body: { protected: true } }));
    expect(await seen.github.reach(seen.about)).toEqual({ kind: 'read', value: 'absent' });
    const hidden = await hub(() => gone);
    expect(await hidden.github.reach(hidden.about)).toMatchObject({ kind: 'unread', code: 'not-found' });
  });
});

test('the reviews are those of the pull requests merged into the branch', async () => {
  const pull = (number: number, ref: string, merged_at: string | null) => ({
    number,
    merged_at,
    html_url: `https://gh.test/${number}`,
    user: { login: 'ana' },
    base: { ref },
  });
  const { github, about } = await hub((path) =>
    path.includes('/reviews')
      ? { body: [{ user: { login: 'bob' }, state: 'APPROVED' }] }
      : { body: [pull(1, 'main', '2026-11-23T11:00:00Z'), pull(2, 'main', null), pull(3, 'other', '2026-11-23T11:00:00Z')] },
  );
  const reviews = [{ by: 'bob', state: 'APPROVED' }];
  expect(await github.pulls(about)).toEqual({ kind: 'read', value: [{ number: 1, author: 'ana', url: 'https://gh.test/1', reviews }] });
});

describe('when GitHub does not answer', () => {
  const reset = String(NOW / 1_000 + 600);
  test.each<[string, Said, string, string, number | null]>([
    [
      'a wrong token',
      { status: 401, body: { message: 'Bad credentials' } },
      'not-authorized',
      'does not take GITHUB_TOKEN: "Bad credentials"',
      null,
    ],
    [
      'a right that is missing',
      { status: 403, body: { message: 'Resource not accessible' } },
      'forbidden',
      'does not let the bot read the check runs',
      null,
    ],
    [
      'something hidden or gone',
      { status: 404, body: { message: 'Not Found' } },
      'not-found',
      'it is not there, or this token may not see it',
      null,
    ],
    [
      'a primary rate limit',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: {} },
      'rate-limited',
      'before 12:10:00 UTC',
      NOW + 600_000,
    ],
    [
      'a secondary rate limit with its time',
      { status: 429, headers: { 'retry-after': '30' }, body: {} },
      'rate-limited',
      'before 12:00:30',
      NOW + 30_000,
    ],
    [
      'a secondary rate limit without',
      { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } },
      'rate-limited',
      'before 12:01:00',
      NOW + 60_000,
    ],
    ['an outage', { status: 502, body: '<html>Unicorn!</html>' }, 'outage', 'answers 502', NOW + 15_000],
    ['a page of HTML', { body: '<html>Sign in</html>' }, 'bad-answer', 'the answer is not JSON', null],
    ['another form', { body: { total_count: 1, check_runs: [{ id: 'x' }] } }, 'bad-answer', "is none of GitHub's answers", null],
    [
      'a redirect to another host',
      { status: 302, headers: { location: 'http://evil.test/' } },
      'bad-answer',
      'another host, evil.test',
      null,
    ],
    ['a redirect in a circle', { status: 302, headers: { location: RUNS } }, 'bad-answer', 'redirects in a circle', null],
    [
      'a next page on another host',
      { body: { total_count: 1, check_runs: [] }, headers: { link: '<http://evil.test/2>; rel="next"' } },
      'bad-answer',
      'another host',
      null,
    ],
  ])('%s', async (_title, said, code, detail, askAgainAt) => {
    const { github, about } = await hub(() => said);
    const answer = await github.checkRuns(about);
    expect(answer).toMatchObject({ kind: 'unread', code, detail: expect.stringContaining(detail), askAgainAt });
    expect(JSON.stringify(answer)).not.toContain(TOKEN);
  });

  test('an outage that ends at the second try is not told', async () => {
    const { github, about, asked } = await hub((_path, count) =>
      count === 1 ? { status: 503, body: 'busy' } : { body: { total_count: 1, check_runs: [] } },
    );
    expect(await github.checkRuns(about)).toMatchObject({ kind: 'read', value: [] });
    expect(asked).toHaveLength(2);
  });

  test('a limit is not asked against again', async () => {
    const { github, about, asked } = await hub(() => ({ status: 429, headers: { 'retry-after': '60' }, body: {} }));
    await github.checkRuns(about);
    expect(asked).toHaveLength(1);
  });

  test('a repository that moved is followed on the same host', async () => {
    const { github, about } = await hub((path) =>
      path.startsWith('/repositories/7')
        ? { body: { total_count: 1, check_runs: [checkRun(1)] } }
        : { status: 301, headers: { location: '/repositories/7/check-runs' } },
    );
    expect(await github.checkRuns(about)).toMatchObject({ kind: 'read', value: [{ id: 1 }] });
  });

  test('silence and a closed port are told with when to ask again', async () => {
    const silent = await hub(() => ({ hang: true }), { timeoutMs: 30 });
    expect(await silent.github.checkRuns(silent.about)).toMatchObject({
      code: 'unreachable',
      detail: expect.stringContaining('no answer in time'),
    });
    const gone = await hub(() => ({}));
    await gone.close();
    closing.pop();
    expect(await gone.github.checkRuns(gone.about)).toMatchObject({
      code: 'unreachable',
      detail: expect.stringContaining('ECONNREFUSED'),
      askAgainAt: NOW + 15_000,
    });
  });

  test('nobody has a token: nothing is sent, and the hint names the variable', async () => {
    const { github, about, asked } = await hub(() => ({ status: 404, body: { message: 'Not Found' } }), { token: null });
    expect(await github.checkRuns(about)).toMatchObject({ hint: expect.stringContaining('Set GITHUB_TOKEN') });
    expect(asked[0]?.headers.authorization).toBeUndefined();
  });
});
