import { describe, expect, it } from 'vitest';
import { freshPath, opened } from './place.ts';
import { aLock, anEvent, aRequest } from './records.ts';
import { storeContract } from './store-contract.ts';

storeContract('in memory', () => opened(':memory:').store);
storeContract('in a file', () => opened(freshPath()).store);

describe('two connections to one file', () => {
  it('see each other’s commits at once', async () => {
    const path = freshPath();
    const [a, b] = [opened(path), opened(path)];
    const quiet = b.watch();
    quiet();
    expect(quiet()).toBe(false);
    await a.store.commit([{ kind: 'request.create', request: aRequest() }], [anEvent()], 1);
    expect([quiet(), quiet()]).toEqual([true, false]);
    expect(await b.store.request('d-1')).toEqual(aRequest());
    await b.store.commit([], [anEvent()], 2);
    expect((await a.store.head())?.seq).toBe(2);
  });

  it('wake each loop that watches, not only the first that asks', async () => {
    const { store, watch } = opened(':memory:');
    const [one, other] = [watch(), watch()];
    one();
    other();
    await store.commit([{ kind: 'lock.take', lock: aLock() }], [], 1);
    expect([one(), other(), one(), other()]).toEqual([true, true, false, false]);
  });

  it('tell a listener of their own writes at once, and of each other’s as the system notices them', async () => {
    const path = freshPath();
    const [a, b] = [opened(path), opened(path)];
    let own = 0;
    const heard = new Promise<void>((resolve) => {
      b.store.onWrite(resolve);
    });
    const silence = a.store.onWrite(() => {
      own += 1;
    });
    await a.store.commit([], [anEvent()], 1);
    expect(own).toBeGreaterThan(0);
    await heard;
    silence();
    const before = own;
    await a.store.commit([], [anEvent()], 2);
    expect(own).toBe(before);
  });

  it('keep everything over a restart', async () => {
    const path = freshPath();
    const first = opened(path);
    await first.store.commit([{ kind: 'request.create', request: aRequest() }], [anEvent()], 1);
    first.close();
    first.close();
    const second = opened(path);
    expect(await second.store.request('d-1')).toEqual(aRequest());
    await second.store.commit([], [anEvent()], 2);
    expect(await second.audit.verifyChain()).toMatchObject({ count: 2, broken: null });
  });
});
