import { describe, expect, test } from 'vitest';
import { type CiFacts, checkCi, judgeCi } from '../../src/checks/ci.ts';
import type { CheckRun } from '../../src/core/github.ts';
import { githubPort, protects, read, run, status, unread } from '../support/github.ts';
import { checkPorts, declared, NOW } from './support.ts';

const COMMIT = 'a'.repeat(40);
const FAKE = { id: 666, slug: 'look-alike' };
const HOUR = 3_600_000;

const named = (...names: readonly string[]) => names.map((name) => ({ name, app: null }));
const facts = (changed: Partial<CiFacts> = {}): CiFacts => ({
  repository: 'mobius/dhash',
  commit: COMMIT,
  required: named('build', 'golden'),
  protection: read(protects('build', 'golden')),
  runs: read([run('build'), run('golden')]),
  statuses: read([]),
  now: NOW,
  ...changed,
});
const runs = (...found: readonly CheckRun[]) => ({ runs: read(found) });
const pending = { conclusion: null, completedAt: null } as const;

describe('the ci check', () => {
  test.each<[string, Partial<CiFacts>, string, string]>([
    ['passes when every required check is green', {}, 'pass', '2 required checks green on aaaaaaaaaaaa: build, golden'],
    [
      'looks at nothing that is not required',
      runs(run('build'), run('golden'), run('lint', { conclusion: 'failure' })),
      'pass',
      'build, golden',
    ],
    ['fails when one is red', runs(run('build'), run('golden', { conclusion: 'failure' })), 'fail', 'golden is failure'],
    ['fails when one was canceled', runs(run('build'), run('golden', { conclusion: 'cancelled' })), 'fail', 'golden is cancelled'],
    ['fails when one ran out of time', runs(run('build'), run('golden', { conclusion: 'timed_out' })), 'fail', 'golden is timed out'],
    [
      'fails when one was skipped: nothing was tested',
      runs(run('build'), run('golden', { conclusion: 'skipped' })),
      'fail',
      'golden is skipped',
    ],
    [
      'fails when one is neutral: it says nothing',
      runs(run('build'), run('golden', { conclusion: 'neutral' })),
      'fail',
      'golden is neutral',
    ],
    ['fails when one is stale', runs(run('build'), run('golden', { conclusion: 'stale' })), 'fail', 'golden is stale'],
    [
      'fails when a person has to act first',
      runs(run('build'), run('golden', { conclusion: 'action_required' })),
      'fail',
      'action required',
    ],
    ['takes no word for green that it does not know', runs(run('build'), run('golden', { conclusion: 'splendid' })), 'fail', 'splendid'],
    ['fails when one never ran', runs(run('build')), 'fail', 'golden has no run of github-actions on this commit'],
    ['fails when nothing ran at all', runs(), 'fail', 'build has no run of github-actions on this commit; golden has no run'],
    [
      'waits for one that runs',
      runs(run('build'), run('golden', { ...pending, startedAt: NOW - HOUR })),
      'unknown',
      'pending: golden runs since 11:00 UTC',
    ],
    [
      'waits for one in the queue',
      runs(run('build'), run('golden', { ...pending, startedAt: null })),
      'unknown',
      'pending: golden has not begun',
    ],
    [
      'waits for a job that comes after one that still runs',
      runs(run('build', pending)),
      'unknown',
      'golden is not there yet while build runs',
    ],
    [
      'does not wait when another one is red already',
      runs(run('build', pending), run('golden', { conclusion: 'failure' })),
      'fail',
      'golden is failure',
    ],
    [
      'counts the newest rerun: green after red',
      runs(run('golden', { id: 9 }), run('build'), run('golden', { id: 2, conclusion: 'failure' })),
      'pass',
      '2 required checks green',
    ],
    [
      'counts the newest rerun: red after green',
      runs(run('golden', { id: 2 }), run('build'), run('golden', { id: 9, conclusion: 'failure' })),
      'fail',
      'golden is failure',
    ],
    [
      'counts a rerun from when it begins',
      runs(run('golden', { id: 2 }), run('build'), run('golden', { id: 9, ...pending })),
      'unknown',
      'pending: golden',
    ],
    [
      "does not count another app's green look-alike",
      runs(run('build'), run('golden', { app: FAKE })),
      'fail',
      'golden has no run of github-actions on this commit (what look-alike says does not count)',
    ],
    [
      "lets another app's newer green not cover a red",
      runs(run('build'), run('golden', { id: 1, conclusion: 'failure' }), run('golden', { id: 9, app: FAKE })),
      'fail',
      'golden is failure',
    ],
    [
      "lets another app's red not spoil it",
      runs(run('build'), run('golden'), run('golden', { id: 9, app: FAKE, conclusion: 'failure' })),
      'pass',
      '2 required checks green',
    ],
    ['counts no run without an app', runs(run('build'), run('golden', { app: null })), 'fail', 'what an unnamed app says does not count'],
    [
      'counts no commit status in place of a run',
      { ...runs(run('build')), statuses: read([status('golden')]) },
      'fail',
      'what a commit status of ci-bot says does not count',
    ],
    [
      'takes the app that protection names',
      {
        protection: read({ checks: [{ name: 'golden', appId: 666, by: 'ruleset' as const }], unread: [] }),
        ...runs(run('build'), run('golden', { app: FAKE })),
      },
      'pass',
      '2 required checks green',
    ],
    [
      'wants each app when two rules name different ones',
      {
        required: named('golden'),
        protection: read({
          checks: [
            { name: 'golden', appId: 666, by: 'ruleset' as const },
            { name: 'golden', appId: 15_368, by: 'protection' as const },
          ],
          unread: [],
        }),
        ...runs(run('golden')),
      },
      'fail',
      'golden has no run of the app 666',
    ],
    [
      'takes the app that the file names',
      { required: [{ name: 'golden', app: 'look-alike' }], ...runs(run('golden', { app: FAKE })) },
      'pass',
      'golden',
    ],
    [
      'takes a commit status where anybody will do',
      { required: [{ name: 'golden', app: 'any' }], ...runs(), statuses: read([status('golden')]) },
      'pass',
      'golden',
    ],
    [
      'wants everybody green where anybody will do',
      { required: [{ name: 'golden', app: 'any' }], statuses: read([status('golden', { state: 'error' })]) },
      'fail',
      'golden is error',
    ],
    [
      'takes the newest commit status',
      {
        required: [{ name: 'golden', app: 'any' }],
        ...runs(),
        statuses: read([status('golden', { id: 5 }), status('golden', { id: 4, state: 'pending' })]),
      },
      'pass',
      'golden',
    ],
    ['wants what protection requires where the file names nothing', { required: [] }, 'pass', 'build, golden'],
    ['fails where nobody requires anything', { required: [], protection: read(protects()) }, 'fail', 'no check is required on this branch'],
    ['knows nothing when the runs cannot be read', { runs: unread() }, 'unknown', 'it may not be read'],
    ['knows nothing when protection cannot be read', { protection: unread() }, 'unknown', 'it may not be read'],
    [
      'knows nothing when a part of protection cannot be read, which may name an app',
      { protection: read({ ...protects('build', 'golden'), unread: [unread({ detail: 'the rulesets may not be read' })] }) },
      'unknown',
      'the rulesets may not be read',
    ],
    [
      'needs no protection when the file names every app',
      { required: [{ name: 'golden', app: 'github-actions' }], protection: unread() },
      'pass',
      'golden',
    ],
    ['needs no commit statuses when none counts', { statuses: unread() }, 'pass', '2 required checks green'],
    [
      'knows nothing when the statuses that count cannot be read',
      { required: [{ name: 'golden', app: 'any' }], statuses: unread() },
      'unknown',
      'it may',
    ],
  ])('%s', (_title, changed, kind, detail) => {
    expect(judgeCi(facts(changed)).result).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test('links to what is red, and to the commit when nothing ran', () => {
    const red = run('golden', { conclusion: 'failure', url: 'https://gh.test/runs/7' });
    expect(judgeCi(facts(runs(run('build'), red))).result).toMatchObject({ hint: 'See https://gh.test/runs/7' });
    expect(judgeCi(facts(runs())).result).toMatchObject({
      hint: `Let them run on exactly this commit: https://github.com/mobius/dhash/commit/${COMMIT}/checks`,
    });
  });

  test('dates its evidence by the oldest of the green runs that count', () => {
    const old = run('build', { completedAt: NOW - 5 * HOUR });
    const older = run('golden', { id: 1, completedAt: NOW - 9 * HOUR, conclusion: 'failure' });
    const again = run('golden', { id: 2, completedAt: NOW - HOUR });
    expect(judgeCi(facts(runs(old, older, again))).at).toBe(NOW - 5 * HOUR);
  });

  test('says when to ask again: soon for a run, later for a limit, never for a right that is missing', () => {
    expect(judgeCi(facts(runs(run('build'), run('golden', pending)))).result).toMatchObject({ askAgainAt: NOW + 15_000 });
    expect(judgeCi(facts({ runs: unread({ code: 'rate-limited', askAgainAt: NOW + HOUR }) })).result).toMatchObject({
      askAgainAt: NOW + HOUR,
    });
    expect(judgeCi(facts({ runs: unread() })).result).not.toHaveProperty('askAgainAt');
  });

  test.each([
    [
      'an archive has no commit',
      `sha256:${'b'.repeat(64)}`,
      'unknown',
      'the release is an archive (sha256:bbbbbbbbbbbb), and GitHub knows commits only',
    ],
    ['asks about exactly the commit of the tag', COMMIT, 'pass', '1 required check green on aaaaaaaaaaaa: build'],
  ])('%s', async (_title, commit, kind, detail) => {
    const { config, environment } = await declared('github', { repository: 'mobius/dhash' });
    const asked: string[] = [];
    const github = githubPort({
      checkRuns: async (ask) => {
        asked.push(`${ask.repository} ${ask.commit}`);
        return read([run('build')]);
      },
    });
    const context = {
      environment,
      config,
      store: { backups: async () => [], liveDeployment: async () => null },
      ports: checkPorts({ github }),
      now: NOW,
    };
    const { result } = await checkCi({ ...context, request: { tag: 'v2.1.0', commit } }, new AbortController().signal);
    expect(result).toMatchObject({ kind, detail });
    expect(asked).toEqual(commit === COMMIT ? [`mobius/dhash ${COMMIT}`] : []);
  });

  test('says what to write where no repository is named', async () => {
    const { config, environment } = await declared('service', 'mobius-dhash');
    const context = {
      environment,
      config,
      store: { backups: async () => [], liveDeployment: async () => null },
      ports: checkPorts(),
      now: NOW,
    };
    const { result } = await checkCi({ ...context, request: { tag: 'v2.1.0', commit: COMMIT } }, new AbortController().signal);
    expect(result).toMatchObject({ kind: 'error', hint: expect.stringContaining('github: { repository: owner/name }') });
  });
});
