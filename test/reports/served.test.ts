// Reports as they are served: always up to date, strict, and the same facts in three forms.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BotError } from '../../src/core/error.ts';
import { HOSTILE, type ReportsPlace, reportsPlace } from './place.ts';

let place: ReportsPlace;
beforeAll(async () => {
  // Drawing has tests of its own; here a chart fails, and the report must stand without it.
  const broken = async () => {
    throw new BotError({ code: 'chart-not-drawn', message: 'no', hint: null });
  };
  place = await reportsPlace({ svg: broken, png: broken });
});
afterAll(() => place.close());

const get = async (path: string) => {
  const answer = await fetch(`${place.url}${path}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

describe('a report', () => {
  test('tells timeline, people, steps, backup with its hash, the watch and the log, and what comes from outside is text', async () => {
    const { status, text } = await get(`${place.ids[1]}.html`);
    expect(status).toBe(200);
    for (const words of ['Timeline', 'People', 'Steps', 'Backup', 'Charts', 'Gate values', 'Last output', 'superseded'])
      expect(text).toContain(words);
    expect(text).toContain('a'.repeat(64));
    expect(text).toContain('<td>ana</td>');
    expect(text).not.toContain('<img');
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;&quot;&lt;/script&gt;');
    expect(HOSTILE).toContain('<img');
  });

  test('whose chart cannot be drawn tells its numbers in words', async () => {
    const { text } = await get(`${place.ids[1]}.html`);
    expect(text).toMatch(/<figcaption>Charts of v2\.1\.0 in production from .* Marked: switch at .*breach at .*rollback at /);
    expect(text).not.toContain('<svg');
  });

  test('of a rollback shows its clock against the promise', async () => {
    const { text } = await get(`${place.ids[2]}.html`);
    expect(text).toMatch(/in time<\/span> The rollback took \d+\w* against 10m promised\./);
    expect(text).toContain('Restored from');
  });

  test('is JSON of a known version, with people, clock and charts', async () => {
    const report = JSON.parse((await get(`${place.ids[2]}.json`)).text);
    expect(report).toMatchObject({ schemaVersion: 1, id: place.ids[2], kind: 'rollback', rollbackClock: { promisedMs: 600_000 } });
    expect(report.people).toContainEqual({ who: 'ana', did: 'asked for it', at: expect.any(Number) });
    expect(report.charts[0].panels.map(({ label }: { label: string }) => label)).toEqual(['Response time', 'Error rate', 'CPU', 'Memory']);
    expect((await get(`${place.ids[2]}.md`)).text).toContain('## Timeline');
  });

  test('is written anew when its story has gone on, and only then', async () => {
    const [id] = place.ids;
    await get(`${id}.html`);
    await Promise.all([get(`${id}.html`), get(`${id}.md`), get(`${id}.json`)]);
    expect(place.writes.get(id)).toBe(1);
    const { store, clock } = place.bot;
    const scope = { environment: 'production', requestId: id, jobId: null, actor: null };
    await store.commit([], [{ ...scope, type: 'cancel.asked', data: { reason: 'told later', force: false } }], clock.now());
    expect((await get(`${id}.html`)).text).toContain('told later');
    expect(place.writes.get(id)).toBe(2);
  });
});

describe('the index', () => {
  test('has the history, newest first, with links and what it adds up to', async () => {
    const { text } = await get('');
    const links = [...text.matchAll(/<a href="([^"]+)">/g)].map(([, link]) => link);
    expect(links).toEqual(place.ids.toReversed().map((id) => `${id}.html`));
    expect(text).toContain('<b>2</b><span class="soft">deploys asked for</span>');
    expect(text).toContain('<b>100 %</b><span class="soft">success rate: 2 of 2 that ran to an end</span>');
    expect(text).toContain('<b>50 %</b><span class="soft">change-failure rate: 1 of 2 that went live were sent back</span>');
    expect([...text.matchAll(/class="badge \w+">([^<]+)</g)].map(([, words]) => words)).toEqual(['succeeded', 'rolled back', 'succeeded']);
    expect(text).toMatch(/time to roll back: median of 1, longest \d/);
  });
});

describe('serving', () => {
  test('forbids everything that a page could load, run or send', async () => {
    for (const path of ['', `${place.ids[0]}.html`, `${place.ids[0]}.json`, 'none.html']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  test.each(['nobody.html', '../dhash.db', '%2e%2e%2fdhash.db', 'logs/x.md', 'x.exe'])('%s is not there', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('only GET', async () => {
    expect((await fetch(place.url, { method: 'POST' })).status).toBe(405);
  });
});
