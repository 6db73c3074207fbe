import { expect, test } from 'vitest';
import type { Deployment } from '../../src/core/deployment.ts';
import type { Job } from '../../src/core/job.ts';
import type { Request } from '../../src/core/request.ts';
import { historyOf } from '../../src/templates/history.ts';
import { historyPage } from '../../src/templates/history-page.ts';

function request(id: string, at: number, kind: Request['kind'], state: Request['state']): Request {
  const by = { surface: 'shell', id: 'U0LEAD', name: '<b>root</b>' } as const;
  const rest = { digest: null, approvals: [], approvalsExpireAt: null, parentId: null, options: {}, dedupeKey: id, version: 1 };
  return { id, at, kind, state, environment: 'production', tag: 'v1', by, ...rest };
}

function live(kind: Deployment['kind']): Deployment {
  const facts: unknown = { kind };
  return facts as Deployment;
}

function job(requestId: string, tookMs: number | null): Job {
  const facts: unknown = { requestId, name: 'rollback', startedAt: 1_000, finishedAt: tookMs === null ? null : 1_000 + tookMs };
  return facts as Job;
}

test('an empty history adds up to nothing, and says so instead of 0 or 100 percent', () => {
  const history = historyOf({ requests: [], jobs: [], deployments: [] });
  expect(history).toEqual({ rows: [], deploys: 0, succeeded: { count: 0, of: 0 }, sentBack: { count: 0, of: 0 }, back: null });
  expect(historyPage('dhash', history)).toContain('<b>none yet</b><span class="soft">time to roll back</span>');
});

test('a rejected deploy is neither a success nor a failure; a backup is not told', () => {
  const history = historyOf({
    requests: [
      request('d-1', 1, 'deploy', 'succeeded'),
      request('d-2', 2, 'deploy', 'failed'),
      request('d-3', 3, 'deploy', 'rejected'),
      request('b-1', 4, 'backup', 'succeeded'),
    ],
    jobs: [],
    deployments: [],
  });
  expect(history.rows.map(({ id }) => id)).toEqual(['d-3', 'd-2', 'd-1']);
  expect([history.deploys, history.succeeded]).toEqual([3, { count: 1, of: 2 }]);
});

test('a deploy counts as sent back when the very next change of its environment was a rollback', () => {
  const newestFirst = ['deploy', 'rollback', 'deploy', 'deploy'] as const;
  const { sentBack } = historyOf({ requests: [], jobs: [], deployments: [newestFirst.map(live), [live('deploy')]] });
  expect(sentBack).toEqual({ count: 1, of: 4 });
});

test('the time to roll back is that of rollbacks that succeeded and have ended', () => {
  const requests = ['r-1', 'r-2', 'r-3', 'r-4'].map((id, at) => request(id, at, 'rollback', id === 'r-4' ? 'failed' : 'succeeded'));
  const jobs = [job('r-1', 60_000), job('r-2', 240_000), job('r-3', 90_000), job('r-4', 1)];
  expect(historyOf({ requests, jobs, deployments: [] }).back).toEqual({ count: 3, medianMs: 90_000, longestMs: 240_000 });
});

test('a name from outside is text', () => {
  const page = historyPage('dhash', historyOf({ requests: [request('d-1', 1, 'deploy', 'open')], jobs: [], deployments: [] }));
  expect(page).not.toContain('<b>root</b>');
  expect(page).toContain('&lt;b&gt;root&lt;/b&gt;');
});
