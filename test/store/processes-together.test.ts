// Several real processes on one file.

import { describe, expect, it } from 'vitest';
import { type Child, startChild } from './child.ts';
import { freshPath, opened } from './place.ts';
import { aJob, aRequest } from './records.ts';

async function together(path: string, what: string, owners: readonly string[], times = 0): Promise<readonly Child[]> {
  const children = await Promise.all(owners.map((owner) => startChild(path, owner, what, times)));
  for (const child of children) child.go();
  return children;
}
const answers = (children: readonly Child[]) => Promise.all(children.map((child) => child.answer()));

describe('processes that share one database', () => {
  it('commit side by side without ever finding it locked, into one unbroken chain', { timeout: 60_000 }, async () => {
    const path = freshPath();
    await answers(await together(path, 'commit', ['p1', 'p2', 'p3'], 200));
    const { audit, store } = opened(path);
    expect(await audit.verifyChain()).toMatchObject({ count: 1_200, broken: null });
    expect((await store.backups('production')).length).toBe(600);
    for (const owner of ['p1', 'p2', 'p3']) expect((await store.eventsOf(owner)).length).toBe(400);
  });

  it('make the database once when they all open it for the first time', { timeout: 60_000 }, async () => {
    const path = freshPath();
    const owners = ['p1', 'p2', 'p3'];
    const children = await together(path, 'open', owners, 20);
    for (let n = 0; n < 20; n += 1) {
      expect(await Promise.all(children.map((child) => child.line()))).toEqual(owners.map(() => 'again'));
      for (const child of children) child.go();
    }
    await answers(children);
    for (let n = 0; n < 20; n += 1) {
      const { store } = opened(`${path}.${n}`);
      expect(await Promise.all(owners.map((owner) => store.get(owner)))).toEqual(owners.map(() => n));
    }
  });

  it('never carry one job twice', { timeout: 60_000 }, async () => {
    const path = freshPath();
    const { store, audit } = opened(path);
    const ids = Array.from({ length: 120 }, (_, n) => `j-${n}`);
    await store.commit(
      ids.map((id, n) => ({ kind: 'job.create' as const, job: aJob({ id, createdAt: n }) })),
      [],
      1,
    );
    const children = await together(path, 'claim', ['p1', 'p2']);
    const claimed = (await answers(children)).flatMap((answer) => (answer as { claimed: string[] }).claimed);
    expect(claimed.toSorted()).toEqual(ids.toSorted());
    expect(await store.jobs({ open: true })).toEqual([]);
    expect(await audit.verifyChain()).toMatchObject({ count: 120, broken: null });
  });

  it('count one of two approvals that read the same request, and tell the other one', { timeout: 60_000 }, async () => {
    const path = freshPath();
    const { store } = opened(path);
    await store.commit([{ kind: 'request.create', request: aRequest() }], [], 1);
    const children = await together(path, 'approve', ['U1', 'U2']);
    expect(await Promise.all(children.map((child) => child.line()))).toEqual(['again', 'again']);
    for (const child of children) child.go();
    const kinds = (await answers(children)).map((answer) => (answer as { kind: string }).kind);
    expect(kinds.toSorted()).toEqual(['committed', 'stale']);
    expect((await store.request('d-1'))?.approvals.length).toBe(1);
    expect((await store.eventsOf('d-1')).length).toBe(1);
  });

  it('deliver a channel once and in order', { timeout: 60_000 }, async () => {
    const path = freshPath();
    const { outbox } = opened(path);
    const keys = Array.from({ length: 60 }, (_, n) => `k${n}`);
    await outbox.enqueue(
      keys.map((key) => ({ key, channel: 'C1', to: { kind: 'thread', request: 'd-1', broadcast: false }, content: key, at: 1 })),
      null,
    );
    const sent = (await answers(await together(path, 'deliver', ['p1', 'p2']))).map((answer) => (answer as { sent: string[] }).sent);
    expect(sent.flat().toSorted()).toEqual(keys.toSorted());
    for (const own of sent) expect(own).toEqual(own.toSorted((a, b) => keys.indexOf(a) - keys.indexOf(b)));
    expect(await outbox.depth()).toEqual({ waiting: 0, failed: 0, oldestAt: null });
  });

  it('leave whole commits and a valid chain behind when one is killed in the middle', { timeout: 60_000 }, async () => {
    const path = freshPath();
    const [writer] = await together(path, 'commit', ['p1'], 100_000);
    for (let n = 0; n < 50; n += 1) await writer?.line();
    const confirmed = Number((await writer?.kill())?.filter((line) => /^\d+$/.test(line)).at(-1) ?? 50);
    const { store, audit } = opened(path);
    const saved = (await store.backups('production')).length;
    expect(saved).toBeGreaterThanOrEqual(confirmed);
    expect(await audit.verifyChain()).toMatchObject({ count: saved * 2, broken: null });
    expect((await store.commit([{ kind: 'request.create', request: aRequest() }], [], 1)).kind).toBe('committed');
  });
});
