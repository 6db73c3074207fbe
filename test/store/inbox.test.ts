import { describe, expect, it } from 'vitest';
import { freshPath, opened } from './place.ts';

const DAY_MS = 86_400_000;

describe('the inbox', () => {
  it('takes each key once and hands out what is not done, oldest first', async () => {
    const { inbox } = opened(':memory:');
    expect(await inbox.receive({ key: 'b', at: 2, payload: { text: 'status' } })).toBe('new');
    expect(await inbox.receive({ key: 'a', at: 3, payload: null })).toBe('new');
    expect(await inbox.receive({ key: 'b', at: 4, payload: { text: 'other' } })).toBe('seen');
    expect(await inbox.pending(10)).toEqual([
      { key: 'b', at: 2, payload: { text: 'status' } },
      { key: 'a', at: 3, payload: null },
    ]);
    expect((await inbox.pending(1)).length).toBe(1);
    await inbox.done('b');
    await inbox.done('b');
    expect((await inbox.pending(10)).map(({ key }) => key)).toEqual(['a']);
    expect(await inbox.receive({ key: 'b', at: 5, payload: null })).toBe('seen');
  });

  it('still knows a key a day later and after a restart, and forgets done ones in the end', async () => {
    const path = freshPath();
    let now = 1_000;
    const first = opened(path, () => now);
    await first.inbox.receive({ key: 'old', at: now, payload: null });
    await first.inbox.done('old');
    first.close();
    const { inbox } = opened(path, () => now);
    now += DAY_MS + 1;
    await inbox.receive({ key: 'x', at: now, payload: null });
    expect(await inbox.receive({ key: 'old', at: now, payload: null })).toBe('seen');
    now += DAY_MS;
    await inbox.receive({ key: 'y', at: now, payload: null });
    expect(await inbox.receive({ key: 'old', at: now, payload: null })).toBe('new');
    expect(await inbox.receive({ key: 'x', at: now, payload: null })).toBe('seen');
  });

  it('never forgets what is not done, however old', async () => {
    let now = 1_000;
    const { inbox } = opened(':memory:', () => now);
    await inbox.receive({ key: 'stuck', at: now, payload: 1 });
    now += 30 * DAY_MS;
    await inbox.receive({ key: 'x', at: now, payload: null });
    expect((await inbox.pending(10)).map(({ key }) => key)).toEqual(['stuck', 'x']);
  });

  it('forgets only a few at a time', async () => {
    let now = 1_000;
    const { inbox } = opened(':memory:', () => now);
    for (let n = 0; n < 30; n += 1) {
      await inbox.receive({ key: `k${n}`, at: now, payload: null });
      await inbox.done(`k${n}`);
    }
    now += 3 * DAY_MS;
    await inbox.receive({ key: 'x', at: now, payload: null });
    expect(await inbox.receive({ key: 'k29', at: now, payload: null })).toBe('seen');
    await inbox.receive({ key: 'y', at: now, payload: null });
    expect(await inbox.receive({ key: 'k29', at: now, payload: null })).toBe('new');
  });
});
