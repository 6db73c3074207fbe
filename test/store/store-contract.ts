// What every Store keeps, whatever it is made of. Run once for each way to open one.

import { describe, expect, it } from 'vitest';
import { firstBroken } from '../../src/core/chain.ts';
import type { Store } from '../../src/core/store.ts';
import { jobContract } from './job-contract.ts';
import { ADA, aBackup, aDeployment, aJob, aLock, anEvent, aRequest, aSample } from './records.ts';

/** `open` is called once in each test and ends its store by itself. */
export function storeContract(name: string, open: () => Store): void {
  describe(`${name}: a commit`, () => {
    it('writes its changes and its events together, and hands the linked events back', async () => {
      const store = open();
      const result = await store.commit([{ kind: 'request.create', request: aRequest() }], [anEvent(), anEvent()], 5_000);
      expect(result).toEqual({ kind: 'committed', events: await store.eventsAfter(0, 10) });
      expect(await store.request('d-1')).toEqual(aRequest());
      const events = await store.eventsOf('d-1');
      expect(events.map(({ seq, at }) => [seq, at])).toEqual([
        [1, 5_000],
        [2, 5_000],
      ]);
      expect(firstBroken(events, null)).toBeNull();
      expect(await store.head()).toEqual(events[1]);
    });

    it('writes nothing at all when its last guard does not hold', async () => {
      const store = open();
      await store.commit([{ kind: 'lock.take', lock: aLock({ holder: 'd-0' }) }], [], 1);
      const refused = await store.commit(
        [
          { kind: 'request.create', request: aRequest() },
          { kind: 'job.create', job: aJob() },
          { kind: 'backup.save', backup: aBackup() },
          { kind: 'lock.take', lock: aLock() },
        ],
        [anEvent()],
        2,
      );
      expect(refused).toEqual({ kind: 'locked', lock: aLock({ holder: 'd-0' }) });
      expect([await store.request('d-1'), await store.job('j-1'), await store.head(), await store.backups('production')]).toEqual([
        null,
        null,
        null,
        [],
      ]);
    });

    it('of nothing is committed and writes nothing', async () => {
      const store = open();
      expect(await store.commit([], [], 1)).toEqual({ kind: 'committed', events: [] });
    });

    it('keeps the order of the log when the wall clock went back', async () => {
      const store = open();
      await store.commit([], [anEvent('d-1', 'first')], 9_000);
      await store.commit([], [anEvent('d-1', 'second')], 4_000);
      const events = await store.eventsAfter(0, 10);
      expect(events.map(({ seq, at }) => [seq, at])).toEqual([
        [1, 9_000],
        [2, 4_000],
      ]);
      expect(firstBroken(events, null)).toBeNull();
    });
  });

  describe(`${name}: requests`, () => {
    it('are made once for one dedupe key, and the first one is the answer', async () => {
      const store = open();
      await store.commit([{ kind: 'request.create', request: aRequest() }], [], 1);
      const again = aRequest({ id: 'd-2', dedupeKey: 'key-d-1' });
      expect(await store.commit([{ kind: 'request.create', request: again }], [anEvent()], 2)).toEqual({
        kind: 'duplicate',
        request: aRequest(),
      });
      expect(await store.head()).toBeNull();
    });

    it('asked twice are a duplicate and not locked out by their own first time', async () => {
      const store = open();
      const ask = (id: string) =>
        store.commit(
          [
            { kind: 'lock.take', lock: aLock({ holder: id }) },
            { kind: 'request.create', request: aRequest({ id, dedupeKey: 'one-click' }) },
          ],
          [],
          1,
        );
      expect((await ask('d-1')).kind).toBe('committed');
      expect((await ask('d-2')).kind).toBe('duplicate');
    });

    it('with an id that is taken are stale', async () => {
      const store = open();
      await store.commit([{ kind: 'request.create', request: aRequest() }], [], 1);
      const other = aRequest({ dedupeKey: 'another' });
      expect(await store.commit([{ kind: 'request.create', request: other }], [], 2)).toEqual({ kind: 'stale', what: 'request d-1' });
    });

    it('take one of two updates that read the same version', async () => {
      const store = open();
      await store.commit([{ kind: 'request.create', request: aRequest() }], [], 1);
      const approval = { by: ADA, at: 2, digest: 'x', ops: true };
      const update = aRequest({ version: 2, approvals: [approval] });
      expect((await store.commit([{ kind: 'request.update', request: update }], [], 2)).kind).toBe('committed');
      const late = aRequest({ version: 2, state: 'canceled' });
      expect(await store.commit([{ kind: 'request.update', request: late }], [], 3)).toEqual({ kind: 'stale', what: 'request d-1' });
      expect(await store.request('d-1')).toEqual(update);
    });

    it('that were never made cannot be updated', async () => {
      expect((await open().commit([{ kind: 'request.update', request: aRequest({ version: 2 }) }], [], 1)).kind).toBe('stale');
    });

    it('are listed newest first, by environment and state, as many as asked for', async () => {
      const store = open();
      for (const [id, environment, state, at] of [
        ['d-1', 'production', 'open', 1],
        ['d-2', 'staging', 'open', 2],
        ['d-3', 'production', 'succeeded', 3],
        ['d-4', 'production', 'open', 3],
      ] as const)
        await store.commit([{ kind: 'request.create', request: aRequest({ id, environment, state, at }) }], [], at);
      const ids = async (filter: Parameters<Store['requests']>[0]) => (await store.requests(filter)).map(({ id }) => id);
      expect(await ids({})).toEqual(['d-4', 'd-3', 'd-2', 'd-1']);
      expect(await ids({ environment: 'production', limit: 2 })).toEqual(['d-4', 'd-3']);
      expect(await ids({ state: 'open' })).toEqual(['d-4', 'd-2', 'd-1']);
      expect(await ids({ environment: 'production', state: 'succeeded' })).toEqual(['d-3']);
    });
  });

  describe(`${name}: locks`, () => {
    it('are held by one at a time and released by their holder only', async () => {
      const store = open();
      await store.commit([{ kind: 'lock.take', lock: aLock() }], [], 1);
      expect((await store.commit([{ kind: 'lock.take', lock: aLock({ holder: 'd-2' }) }], [], 2)).kind).toBe('locked');
      await store.commit([{ kind: 'lock.release', environment: 'production', holder: 'd-2' }], [], 3);
      expect(await store.lock('production')).toEqual(aLock());
      await store.commit([{ kind: 'lock.release', environment: 'production', holder: 'd-1' }], [], 4);
      expect(await store.lock('production')).toBeNull();
    });

    it('taken again by their holder count from the first time', async () => {
      const store = open();
      await store.commit([{ kind: 'lock.take', lock: aLock() }], [], 1);
      const again = await store.commit([{ kind: 'lock.take', lock: aLock({ since: 9_000, reason: 'still busy' }) }], [], 2);
      expect(again.kind).toBe('committed');
      expect(await store.lock('production')).toEqual(aLock({ reason: 'still busy' }));
    });

    it('are seized by a rollback from whoever it saw holding them, and one environment never locks another', async () => {
      const store = open();
      const seize = (from: string | null) =>
        store.commit(
          [
            { kind: 'lock.seize', lock: aLock({ holder: 'r-1' }), from },
            { kind: 'lock.take', lock: aLock({ environment: 'staging' }) },
          ],
          [],
          2,
        );
      expect(await seize('d-1')).toEqual({ kind: 'stale', what: 'lock production' });
      await store.commit([{ kind: 'lock.take', lock: aLock() }], [], 1);
      expect((await seize(null)).kind).toBe('stale');
      expect((await seize('d-0')).kind).toBe('stale');
      expect(await store.lock('staging')).toBeNull();
      expect((await seize('d-1')).kind).toBe('committed');
      expect((await seize('d-1')).kind).toBe('committed');
      expect((await store.lock('production'))?.holder).toBe('r-1');
      await store.commit([{ kind: 'lock.release', environment: 'production', holder: 'r-1' }], [], 3);
      expect((await seize(null)).kind).toBe('committed');
    });
  });

  describe(`${name}: deployments, backups and samples`, () => {
    it('give what is live another rollback target, and nothing that is live no more', async () => {
      const store = open();
      const repin = (deploymentId: string) =>
        store.commit([{ kind: 'deployment.repin', deploymentId, backup: 'other.zip', tag: 'v1.0.0' }], [], 3);
      await store.commit([{ kind: 'deployment.live', deployment: aDeployment({ id: 'live-1', liveAt: 1 }) }], [], 1);
      expect((await repin('live-1')).kind).toBe('committed');
      const repinned = aDeployment({ id: 'live-1', liveAt: 1, rollbackBackup: 'other.zip', rollbackTag: 'v1.0.0' });
      expect(await store.liveDeployment(repinned.environment)).toEqual(repinned);
      await store.commit([{ kind: 'deployment.live', deployment: aDeployment({ id: 'live-2', liveAt: 2 }) }], [], 2);
      expect(await repin('live-1')).toEqual({ kind: 'stale', what: 'deployment live-1' });
    });

    it('keep one live deployment per environment', async () => {
      const store = open();
      const live = (given: Parameters<typeof aDeployment>[0]) =>
        store.commit([{ kind: 'deployment.live', deployment: aDeployment(given) }], [], 1);
      await live({ id: 'dep-1', liveAt: 10 });
      await live({ id: 'dep-s', liveAt: 11, environment: 'staging' });
      await live({ id: 'dep-2', liveAt: 20 });
      await live({ id: 'dep-2', liveAt: 20 });
      await live({ id: 'dep-0', liveAt: 5, supersededAt: 9 });
      expect((await store.liveDeployment('production'))?.id).toBe('dep-2');
      expect((await store.liveDeployment('staging'))?.id).toBe('dep-s');
      expect(await store.liveDeployment('nowhere')).toBeNull();
      expect((await store.deployments('production', 2)).map(({ id, supersededAt }) => [id, supersededAt])).toEqual([
        ['dep-2', null],
        ['dep-1', 20],
      ]);
    });

    it('save a backup again over what was known and forget it by name', async () => {
      const store = open();
      const backup = aBackup();
      await store.commit([{ kind: 'backup.save', backup }], [], 1);
      await store.commit([{ kind: 'backup.save', backup: { ...backup, verifiedAt: 7 } }], [], 2);
      await store.commit([{ kind: 'backup.save', backup: aBackup({ file: 'newer.zip', createdAt: 2_000 }) }], [], 3);
      expect((await store.backups('production')).map(({ file, verifiedAt }) => [file, verifiedAt])).toEqual([
        ['newer.zip', null],
        [backup.file, 7],
      ]);
      await store.commit([{ kind: 'backup.forget', environment: 'production', file: backup.file }], [], 4);
      expect(await store.backup('production', backup.file)).toBeNull();
      expect((await store.backup('production', 'newer.zip'))?.createdAt).toBe(2_000);
    });

    it('thin the old samples of an environment: the first of each step stays, and every one that is younger', async () => {
      const store = open();
      await store.commit([{ kind: 'job.create', job: aJob({ id: 'j-1', environment: 'production', createdAt: 1 }) }], [], 1);
      for (const at of [10, 15, 19, 20, 25, 31, 32, 39]) await store.commit([{ kind: 'sample.add', sample: aSample({ at }) }], [], at);
      const thin = { kind: 'sample.thin', before: 32, every: 10 } as const;
      await store.commit([{ ...thin, environment: 'staging' }], [], 40);
      expect(await store.samples('j-1', 0)).toHaveLength(8);
      await store.commit([{ ...thin, environment: 'production' }], [], 40);
      await store.commit([{ ...thin, environment: 'production' }], [], 40);
      expect((await store.samples('j-1', 0)).map(({ at }) => at)).toEqual([10, 20, 31, 32, 39]);
    });

    it('answer the samples of one job since an instant, oldest first', async () => {
      const store = open();
      for (const at of [30, 10, 20]) await store.commit([{ kind: 'sample.add', sample: aSample({ at }) }], [], at);
      await store.commit([{ kind: 'sample.add', sample: aSample({ at: 20, jobId: 'j-2' }) }], [], 20);
      expect(await store.samples('j-1', 20)).toEqual([aSample({ at: 20 }), aSample({ at: 30 })]);
    });
  });

  jobContract(name, open);
}
