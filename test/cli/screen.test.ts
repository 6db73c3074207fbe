import { expect, test } from 'vitest';
import { keepScreen, type Screenful } from '../../src/cli/screen.ts';
import { testClock } from '../support/clock.ts';

const ESCAPE = '\u001b[';
/** What a page may be drawn with. */
const OURS = ['?1049h', '?1049l', '?25h', '?25l', 'H', 'K', 'J'];

/** A page that the test changes, on a stream that keeps what is written. */
function screen(stream: { isTTY?: boolean; columns?: number; rows?: number }) {
  const clock = testClock();
  const written: string[] = [];
  const stop = new AbortController();
  const page: { now: Screenful; fails: boolean } = { now: { lines: ['v2.1.0 is live'], news: '1' }, fails: false };
  const listeners = new Set<() => void>();
  const done = keepScreen({
    stdout: { ...stream, write: (text) => written.push(text) },
    clock,
    look: async () => {
      if (page.fails) throw new Error('gone');
      return page.now;
    },
    onWrite: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal: stop.signal,
  });
  const changed = async (now: Screenful) => {
    page.now = now;
    for (const listener of listeners) listener();
    await clock.later(100);
  };
  return { clock, written, stop, page, listeners, done, changed };
}

test('a terminal is drawn over as soon as something changed, and each second for the times', async () => {
  const { clock, written, changed, page, stop, done } = screen({ isTTY: true, columns: 40, rows: 10 });
  await clock.later(100);
  const first = written.length;
  await clock.later(3_000);
  expect(written.length).toBe(first);
  await changed({ lines: ['v2.2.0 is live'], news: '2' });
  expect(written.at(-1)).toBe('\u001b[Hv2.2.0 is live\u001b[K\u001b[J');
  page.now = { lines: ['v2.2.0 is live, 4m left'], news: '2' };
  await clock.later(1_200);
  expect(written.at(-1)).toContain('4m left');
  stop.abort();
  await done;
});

test('Ctrl-C leaves the terminal as it was, the last page on it, and listens no more; so does an error', async () => {
  const one = screen({ isTTY: true });
  await one.clock.later(100);
  one.stop.abort();
  await one.done;
  expect(one.written.slice(-2)).toEqual(['\u001b[?25h\u001b[?1049l', 'v2.1.0 is live\n']);
  expect(one.listeners.size).toBe(0);
  const other = screen({ isTTY: true });
  other.page.fails = true;
  const failed = expect(other.done).rejects.toThrow('gone');
  await other.changed({ lines: [], news: '' });
  await failed;
  expect(other.written.join('')).toContain('\u001b[?1049l');
});

test('elsewhere a page is told only when there is news, without a single escape', async () => {
  const { clock, written, changed, stop, done } = screen({});
  await clock.later(100);
  await changed({ lines: ['v2.1.0 is live, 3m left'], news: '1' });
  await clock.later(5_000);
  await changed({ lines: ['v2.2.0 is live'], news: '2' });
  expect(written).toEqual([
    '--- 2026-11-23T12:00:00Z\nv2.1.0 is live\n',
    expect.stringMatching(/^--- 2026-11-23T12:00:05Z\nv2\.2\.0 is live\n$/),
  ]);
  stop.abort();
  await done;
});

test('text from outside cannot drive the terminal, on it or off it', async () => {
  const hostile = { lines: ['tag \u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\r\nv1'], news: 'x' };
  for (const stream of [{ isTTY: true, columns: 200, rows: 10 }, {}]) {
    const { written, changed, stop, done } = screen(stream);
    await changed(hostile);
    stop.abort();
    await done;
    const rest = OURS.reduce((text, code) => text.replaceAll(`${ESCAPE}${code}`, ''), written.join('')).replaceAll(/\r?\n/g, '');
    expect(rest).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    expect(rest).toContain('owned');
  }
});

test('what does not fit is cut and said to be missing; the top stays', async () => {
  const { written, changed, stop, done } = screen({ isTTY: true, columns: 20, rows: 5 });
  await changed({ lines: Array.from({ length: 30 }, (_, at) => `line ${at} ${'x'.repeat(100)}`), news: 'x' });
  const drawn = (written.at(-1) ?? '')
    .split('\r\n')
    .map((line) => OURS.reduce((text, code) => text.replaceAll(`${ESCAPE}${code}`, ''), line));
  expect(drawn).toHaveLength(4);
  expect(drawn[0]).toBe('line 0 xxxxxxxxxxxx');
  expect(drawn.at(-1)).toBe('... 27 more lines');
  stop.abort();
  await done;
});
