import { expect, test } from 'vitest';
import { allOrNone } from '../../src/core/all-or-none.ts';
import { BotError } from '../../src/core/error.ts';

const { signal } = new AbortController();

function untilStopped(either: AbortSignal, then: () => void = () => {}): Promise<never> {
  return new Promise((_, fail) => {
    either.addEventListener('abort', () => {
      then();
      fail(new BotError({ code: 'media-canceled', message: 'Measuring was canceled.', hint: null }));
    });
  });
}

test('what succeeds comes in the order of the parts', async () => {
  expect(await allOrNone<[number, string]>(signal, () => [Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
});

test('a failure stops the others, and is told when they have ended, not what they say of it', async () => {
  let ended = false;
  const failing = allOrNone(signal, (either) => [untilStopped(either, () => (ended = true)), Promise.reject(new Error('disk'))]);
  await expect(failing).rejects.toThrow('disk');
  expect(ended).toBe(true);
});

test('who asked can stop all of it', async () => {
  const asker = new AbortController();
  const failing = allOrNone(asker.signal, (either) => [untilStopped(either), untilStopped(either)]);
  asker.abort();
  await expect(failing).rejects.toMatchObject({ code: 'media-canceled' });
});
