import { describe, expect, test } from 'vitest';
import { checkPremerge, judgePremerge } from '../../src/checks/premerge.ts';
import type { PremergeReport } from '../../src/checks/premerge-report.ts';
import { testConfig, testEnvironment, testPremerge } from '../support/config.ts';
import { checkPorts, NOW } from './support.ts';

const HOUR = 3_600_000;
const COMMIT = 'a'.repeat(40);

const good: PremergeReport = {
  schema: 1,
  folder: '/src/project',
  environment: 'production',
  commit: COMMIT,
  tag: 'v2.1.0',
  dirty: false,
  startedAt: NOW - 3 * HOUR,
  started: '2026-11-23T09:00:00Z',
  endedAt: NOW - 2 * HOUR,
  ended: '2026-11-23T10:00:00Z',
  verdict: 'passed-with-skips',
  why: '12 of 14 stages passed, skipped: lint, golden',
  stages: [],
};

const judged = (text: string | null) => judgePremerge({ path: '/srv/report.json', text, commit: COMMIT, maxAge: 24 * HOUR, now: NOW });

describe('the premerge check', () => {
  test.each<[string, Partial<PremergeReport>, string, string]>([
    ['passes and says what was skipped', {}, 'pass', '12 of 14 stages passed, skipped: lint, golden; made 2h ago'],
    ['passes at exactly the age allowed', { endedAt: NOW - 24 * HOUR }, 'pass', 'made 1d ago'],
    ['fails a moment later', { endedAt: NOW - 24 * HOUR - 1 }, 'fail', 'made 1d ago, which is more than 1d'],
    ['fails for another commit', { commit: 'b'.repeat(40) }, 'fail', 'the report is about bbbbbbbbbbbb, the deploy about aaaaaaaaaaaa'],
    ['fails for a report without a commit', { commit: null }, 'fail', 'the report is about no commit'],
    ['fails for a run that failed', { verdict: 'failed', why: 'test failed: 3 tests' }, 'fail', 'test failed: 3 tests'],
    [
      'fails while the run is not over',
      { verdict: 'unfinished', endedAt: null, ended: null },
      'fail',
      'the run begun at 2026-11-23T09:00:00Z has not ended',
    ],
    ['fails for a tree with changes', { dirty: true }, 'fail', 'the tree had changes that are not in the commit'],
    ['fails where nobody looked at the tree', { dirty: null }, 'fail', 'the tree had changes'],
    ['does not believe a report from the future', { endedAt: NOW + HOUR }, 'error', 'the report says it was made in the future'],
    ['bears a clock that is a minute ahead', { endedAt: NOW + 60_000 }, 'pass', 'made 0ms ago'],
  ])('%s', (_title, changed, kind, detail) => {
    const result = judged(JSON.stringify({ ...good, ...changed }));
    expect(result).toMatchObject({ kind, detail: expect.stringContaining(detail) });
  });

  test.each<[string, string | null, string]>([
    ['a report that is not there', null, 'there is no report /srv/report.json'],
    ['half a report', '{"schema": 1, "comm', 'is not a pre-merge report'],
    ['a report of another form', JSON.stringify({ ...good, schema: 2 }), 'is not a pre-merge report'],
  ])('cannot be answered by %s', (_title, text, detail) => {
    expect(judged(text)).toMatchObject({
      kind: 'error',
      detail: expect.stringContaining(detail),
      hint: expect.stringContaining('bin/dhash premerge'),
    });
  });

  test('reads the report of the tag and the commit, and dates its evidence by its end', async () => {
    const asked: string[] = [];
    const files = {
      read: async (path: string) => {
        asked.push(path);
        return JSON.stringify(good);
      },
      write: async () => {},
      appendLog: () => {},
    };
    const config = testConfig({}, { premerge: testPremerge({ report: '/artifacts/{tag}/{commit}.json' }) });
    const request = { tag: 'v2.1.0', commit: COMMIT };
    const context = {
      environment: testEnvironment(),
      config,
      store: { backups: async () => [], liveDeployment: async () => null },
      ports: checkPorts({ files }),
      now: NOW,
      request,
    };
    const evidence = await checkPremerge(context, new AbortController().signal);
    expect(asked).toEqual([`/artifacts/v2.1.0/${COMMIT}.json`]);
    expect(evidence).toMatchObject({ result: { kind: 'pass' }, at: good.endedAt });
  });
});
