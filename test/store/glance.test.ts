// What `status` asks stays as fast with a long history as with none: each question walks an index, and answers the newest.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { event } from '../../src/core/event.ts';
import { type Connection, connect } from '../../src/store/connection.ts';
import { NEWEST_OF, NEWEST_VERIFIED, RUNS } from '../../src/store/glance-readers.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { WAITING_UPDATE } from '../../src/store/outbox-entries.ts';
import { ADA, aBackup, aJob, aRequest } from './records.ts';

let opened: OpenStore;
beforeEach(() => {
  opened = openStore({ path: ':memory:', now: () => 1_000 });
});
afterEach(() => opened.close());

const judged = (environment: string, tag: string) =>
  event({ environment, requestId: 'd-1', jobId: 'j-1', actor: ADA }, 'checklist.judged', {
    evidence: [],
    tag,
    commit: 'c',
    digest: 'd',
    passed: true,
  });

it('finds the newest checklist of an environment, not of another', async () => {
  const { store } = opened;
  await store.commit([], [judged('production', 'v1.0.0'), judged('production', 'v2.0.0'), judged('staging', 'v3.0.0')], 5_000);
  expect(await store.newestOf('production', 'checklist.judged')).toMatchObject({ seq: 2, data: { tag: 'v2.0.0' } });
  expect(await store.newestOf('production', 'monitor.ended')).toBeNull();
});

it('finds the newest backup that was verified', async () => {
  const { store } = opened;
  const backups = [
    aBackup({ file: 'a', createdAt: 1, verifiedAt: 2 }),
    aBackup({ file: 'b', createdAt: 3, verifiedAt: 4 }),
    aBackup({ file: 'c', createdAt: 5 }),
  ];
  expect(await store.newestVerified('production')).toBeNull();
  await store.commit(
    backups.map((backup) => ({ kind: 'backup.save', backup })),
    [],
    1,
  );
  expect((await store.newestVerified('production'))?.file).toBe('b');
});

it('lists deploys and rollbacks, newest first, with the time of their own job and not of their watch', async () => {
  const { store } = opened;
  const put = (id: string, kind: 'deploy' | 'backup', at: number) =>
    store.commit(
      [
        { kind: 'request.create', request: aRequest({ id, kind, at }) },
        {
          kind: 'job.create',
          job: aJob({ id: `j-${id}`, name: kind, requestId: id, startedAt: at + 1, finishedAt: at + 5, state: 'succeeded' }),
        },
      ],
      [],
      at,
    );
  await put('d-1', 'deploy', 10);
  await put('d-2', 'deploy', 20);
  await put('b-1', 'backup', 30);
  await store.commit([{ kind: 'job.create', job: aJob({ id: 'm-1', name: 'monitor', requestId: 'd-2', finishedAt: 9_999 }) }], [], 40);
  expect((await store.runs('production', 10)).map(({ request, startedAt, finishedAt }) => [request.id, startedAt, finishedAt])).toEqual([
    ['d-2', 21, 25],
    ['d-1', 11, 15],
  ]);
  expect(await store.runs('production', 1)).toHaveLength(1);
});

it('narrows a story to the types that are asked for', async () => {
  const { store } = opened;
  await store.commit(
    [],
    [
      judged('production', 'v1.0.0'),
      event({ environment: 'production', requestId: 'd-1', jobId: null, actor: ADA }, 'cancel.asked', { reason: 'x', force: false }),
    ],
    5_000,
  );
  expect((await store.eventsOf('d-1', ['cancel.asked'])).map(({ type }) => type)).toEqual(['cancel.asked']);
});

it('keeps one row of output for each job, and takes it away', async () => {
  const { store } = opened;
  const row = {
    jobId: 'j-1',
    requestId: 'd-1',
    step: 'build',
    direction: 'forward',
    attempt: 1,
    at: 5,
    printed: 3,
    lines: ['a'],
    service: [],
  } as const;
  await store.showProgress('j-1', row);
  await store.showProgress('j-1', { ...row, at: 9, lines: ['b'] });
  expect(await store.progress()).toEqual([{ ...row, at: 9, lines: ['b'] }]);
  expect(await store.progressOf('d-1')).toMatchObject({ lines: ['b'] });
  await store.showProgress('j-1', null);
  expect([await store.progress(), await store.progressOf('d-1')]).toEqual([[], null]);
});

it.each([
  ['the last gates', NEWEST_OF, 'events_of_gates'],
  ['the last verified backup', NEWEST_VERIFIED, 'backups_verified'],
  ['the last runs', RUNS, 'requests_of_runs'],
  ['the update that waits for a card', WAITING_UPDATE, 'outbox_cards'],
])('asks for %s by an index, without sorting', (_, query, index) => {
  const db: Connection = connect(':memory:');
  migrate(db);
  const values = Object.fromEntries([...query.matchAll(/@(\w+)/g)].map(([, name = '']) => [name, name === 'limit' ? 10 : 'x']));
  const steps = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, values).map(({ detail }) => detail);
  expect(steps.join('\n')).toContain(`USING INDEX ${index}`);
  expect(steps.filter((step) => /^SCAN (events|requests|backups|jobs|outbox)|jobs_by_age|TEMP B-TREE/.test(step))).toEqual([]);
  db.close();
});
