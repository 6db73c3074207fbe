// The part of the Store's contract that is about jobs, leases and named values.

import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/core/job.ts';
import type { Store } from '../../src/core/store.ts';
import { aJob } from './records.ts';

const CANCEL = { by: 'U0ADA', reason: 'not now', force: false };

export function jobContract(name: string, open: () => Store): void {
  const create = (store: Store, given: Partial<Job> = {}) => store.commit([{ kind: 'job.create', job: aJob(given) }], [], 1);
  const claim = (store: Store, owner = 'a', now = 10, dead: readonly string[] = []) =>
    store.claim({ owner, now, leaseUntil: now + 100, dead });
  const save = (store: Store, job: Job, owner: string) => store.commit([{ kind: 'job.update', job, owner }], [], 1);
  const next = (job: Job | null, given: Partial<Job>): Job => ({ ...aJob(), ...job, ...given, version: (job?.version ?? 0) + 1 });
  const cancel = (store: Store, at: number, force = false, reason = 'not now') =>
    store.commit([{ kind: 'job.cancel', jobId: 'j-1', cancel: { ...CANCEL, force, reason }, at }], [], at);

  describe(`${name}: claiming`, () => {
    it('leases the oldest job that is due, once', async () => {
      const store = open();
      await create(store, { id: 'j-2', createdAt: 2 });
      await create(store, { id: 'j-1', createdAt: 1 });
      expect(await claim(store)).toEqual(aJob({ createdAt: 1, state: 'running', owner: 'a', leaseUntil: 110, version: 2 }));
      expect((await claim(store, 'b'))?.id).toBe('j-2');
      expect(await claim(store, 'c')).toBeNull();
      expect(await store.owners()).toEqual(['a', 'b']);
    });

    it('narrowed to one job leaves the others', async () => {
      const store = open();
      await create(store, { id: 'j-1', createdAt: 1 });
      await create(store, { id: 'j-2', createdAt: 2 });
      expect((await store.claim({ owner: 'a', now: 1, leaseUntil: 9, dead: [], jobId: 'j-2' }))?.id).toBe('j-2');
      expect(await store.claim({ owner: 'a', now: 1, leaseUntil: 9, dead: [], jobId: 'nope' })).toBeNull();
    });

    it('takes a running job over when its lease ended or its owner is dead, and the old worker writes nothing any more', async () => {
      const store = open();
      await create(store);
      const first = await claim(store, 'a', 10);
      expect(await claim(store, 'b', 109)).toBeNull();
      expect((await claim(store, 'b', 110))?.owner).toBe('b');
      const third = await claim(store, 'c', 111, ['b', 'x']);
      expect([third?.owner, third?.version]).toEqual(['c', 4]);
      expect(await save(store, next(first, { step: 'backup' }), 'a')).toEqual({ kind: 'stale', what: 'job j-1' });
      expect(await save(store, next(third, { step: 'backup' }), 'b')).toEqual({ kind: 'stale', what: 'job j-1' });
      expect((await save(store, next(third, { step: 'backup' }), 'c')).kind).toBe('committed');
    });

    it('takes a waiting job from its time on, and never one that ended', async () => {
      const store = open();
      await create(store, { state: 'waiting', wakeAt: 50 });
      await create(store, { id: 'j-2', state: 'failed', finishedAt: 3 });
      expect(await claim(store, 'a', 49)).toBeNull();
      expect((await claim(store, 'a', 50))?.id).toBe('j-1');
      expect(await claim(store, 'a', 51)).toBeNull();
    });

    it('finds released jobs at once', async () => {
      const store = open();
      await create(store);
      await claim(store, 'a', 10);
      await store.release('a');
      expect(await store.owners()).toEqual([]);
      expect((await store.job('j-1'))?.owner).toBeNull();
      expect((await claim(store, 'b', 11))?.owner).toBe('b');
    });

    it('is kept off by a renewed lease, which answers what its owner still has', async () => {
      const store = open();
      await create(store, { id: 'j-1', createdAt: 1 });
      await create(store, { id: 'j-2', createdAt: 2 });
      await claim(store, 'a', 10);
      await claim(store, 'a', 10);
      await claim(store, 'b', 10, ['a']);
      expect(await store.renew('a', 500, ['j-1', 'j-2'])).toEqual(['j-2']);
      expect((await store.job('j-2'))?.leaseUntil).toBe(500);
      expect(await claim(store, 'c', 499)).toMatchObject({ id: 'j-1' });
      expect(await claim(store, 'c', 499)).toBeNull();
    });

    it('is found once its lease ended, also while its owner renews those of other jobs', async () => {
      const store = open();
      await create(store, { id: 'j-1', createdAt: 1 });
      await create(store, { id: 'j-2', createdAt: 2 });
      await claim(store, 'a', 10);
      await claim(store, 'a', 10);
      expect(await store.renew('a', 500, ['j-2'])).toEqual(['j-2']);
      expect(await claim(store, 'a', 499)).toMatchObject({ id: 'j-1' });
    });
  });

  describe(`${name}: a job's row`, () => {
    it('keeps the cancel and the lease that others wrote while the worker saved', async () => {
      const store = open();
      await create(store);
      const job = await claim(store);
      await cancel(store, 20);
      await store.renew('a', 777, ['j-1']);
      await save(store, next(job, { step: 'build', cancel: null, leaseUntil: 1, outputs: { backup: { file: 'x.zip' } } }), 'a');
      expect(await store.job('j-1')).toMatchObject({
        cancel: CANCEL,
        leaseUntil: 777,
        owner: 'a',
        step: 'build',
        outputs: { backup: { file: 'x.zip' } },
      });
    });

    it.each(['waiting', 'succeeded', 'failed', 'canceled'] as const)('has no owner and no lease once it is %s', async (state) => {
      const store = open();
      await create(store);
      const job = await claim(store);
      await save(store, next(job, { state, wakeAt: 99, owner: 'a', leaseUntil: 110 }), 'a');
      expect(await store.job('j-1')).toMatchObject({ state, owner: null, leaseUntil: null });
      expect(await store.renew('a', 500, ['j-1'])).toEqual([]);
      expect((await save(store, next(await store.job('j-1'), { step: 'again' }), 'a')).kind).toBe('stale');
    });

    it('is made once', async () => {
      const store = open();
      await create(store);
      expect(await create(store)).toEqual({ kind: 'stale', what: 'job j-1' });
    });

    it('is listed newest first, by environment, request and whether it is open', async () => {
      const store = open();
      await create(store, { id: 'j-1', createdAt: 1 });
      await create(store, { id: 'j-2', createdAt: 2, state: 'succeeded' });
      await create(store, { id: 'j-3', createdAt: 2, environment: 'staging', requestId: 'd-2' });
      const ids = async (filter: Parameters<Store['jobs']>[0]) => (await store.jobs(filter)).map(({ id }) => id);
      expect(await ids({})).toEqual(['j-3', 'j-2', 'j-1']);
      expect(await ids({ environment: 'production' })).toEqual(['j-2', 'j-1']);
      expect(await ids({ open: true, limit: 5 })).toEqual(['j-3', 'j-1']);
      expect(await ids({ open: false })).toEqual(['j-2']);
      expect(await ids({ requestId: 'd-2', open: true })).toEqual(['j-3']);
    });
  });

  describe(`${name}: waking and canceling`, () => {
    it('makes a waiting job due at once', async () => {
      const store = open();
      await create(store, { state: 'waiting', wakeAt: 9_999 });
      await store.commit([{ kind: 'job.wake', jobId: 'j-1', at: 20 }], [], 20);
      expect((await store.job('j-1'))?.wakeAt).toBe(20);
      expect((await claim(store, 'a', 20))?.id).toBe('j-1');
    });

    it('does not lose a wake that comes just before the job begins to wait', async () => {
      const store = open();
      await create(store);
      const job = await claim(store, 'a', 10);
      await store.commit([{ kind: 'job.wake', jobId: 'j-1', at: 11 }], [], 11);
      await save(store, next(job, { state: 'waiting', wakeAt: 9_999 }), 'a');
      const again = await claim(store, 'a', 12);
      expect(again?.id).toBe('j-1');
      await save(store, next(again, { state: 'waiting', wakeAt: 9_999 }), 'a');
      expect(await claim(store, 'a', 13)).toBeNull();
    });

    it('leaves queued and ended jobs as they are', async () => {
      const store = open();
      await create(store, { state: 'succeeded', finishedAt: 5 });
      await create(store, { id: 'j-2' });
      expect((await cancel(store, 6)).kind).toBe('stale');
      await store.commit(
        [
          { kind: 'job.wake', jobId: 'j-1', at: 6 },
          { kind: 'job.wake', jobId: 'j-2', at: 6 },
        ],
        [],
        6,
      );
      expect(await store.job('j-1')).toEqual(aJob({ state: 'succeeded', finishedAt: 5 }));
      expect(await store.job('j-2')).toEqual(aJob({ id: 'j-2' }));
    });

    it('brings a waiting job that was canceled to a worker, and lets it wait again afterwards', async () => {
      const store = open();
      await create(store, { state: 'waiting', wakeAt: 9_999 });
      await cancel(store, 20);
      const job = await claim(store, 'a', 20);
      expect(job?.cancel).toEqual(CANCEL);
      await save(store, next(job, { state: 'waiting', wakeAt: 9_999, direction: 'back' }), 'a');
      expect(await claim(store, 'a', 21)).toBeNull();
    });

    it('keeps the first cancel, unless a later one is forced', async () => {
      const store = open();
      await create(store);
      expect((await cancel(store, 1, false, 'first')).kind).toBe('committed');
      expect((await cancel(store, 2, false, 'second')).kind).toBe('stale');
      expect((await store.job('j-1'))?.cancel?.reason).toBe('first');
      expect((await cancel(store, 3, true, 'rollback')).kind).toBe('committed');
      expect((await cancel(store, 4, true, 'another rollback')).kind).toBe('stale');
      expect((await cancel(store, 5, false, 'a person')).kind).toBe('stale');
      expect((await store.job('j-1'))?.cancel).toEqual({ by: 'U0ADA', reason: 'rollback', force: true });
    });
  });

  describe(`${name}: named values`, () => {
    it('are null before they are set, and what was set last after that', async () => {
      const store = open();
      expect(await store.get('groups')).toBeNull();
      await store.set('groups', { S0OPS: ['U0ADA'] });
      await store.set('groups', { S0OPS: [] });
      expect(await store.get('groups')).toEqual({ S0OPS: [] });
    });
  });

  describe(`${name}: changed`, () => {
    it('is true the first time and after a write, and quiet while nothing happens', async () => {
      const store = open();
      expect([store.changed(), store.changed()]).toEqual([true, false]);
      await create(store);
      expect([store.changed(), store.changed()]).toEqual([true, false]);
      await store.job('j-1');
      await store.set('k', 1);
      expect(store.changed()).toBe(true);
      await claim(store, 'a', 10);
      store.changed();
      expect(await claim(store, 'b', 11)).toBeNull();
      await store.set('k', 1);
      await store.release('nobody');
      expect(store.changed()).toBe(false);
    });
  });
}
