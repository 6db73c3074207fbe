import { expect, test } from 'vitest';
import { createClock } from '../../src/host/clock.ts';

test('tells the time and sleeps at least as long as asked', async () => {
  const clock = createClock();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  const startedAt = performance.now();
  await clock.sleep(30);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30);
});

test('makes a long sleep of several timers', async () => {
  const startedAt = performance.now();
  await createClock(7).sleep(40);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40);
});

test('does not fire at once for a sleep that no timer can hold, and wakes when it is aborted', async () => {
  const stop = new AbortController();
  let isAwake = false;
  const sleeping = createClock()
    .sleep(2 ** 40, stop.signal)
    .then(() => {
      isAwake = true;
    });
  await createClock().sleep(20);
  expect(isAwake).toBe(false);
  stop.abort();
  await sleeping;
  expect(isAwake).toBe(true);
});

test.for([0, -5, Number.NaN])('does not sleep for %s ms', async (ms) => {
  await createClock().sleep(ms);
});

test('does not sleep when it was aborted before, and leaves no listener behind', async () => {
  await createClock().sleep(60_000, AbortSignal.abort());
  const stop = new AbortController();
  for (let round = 0; round < 20; round += 1) await createClock().sleep(0, stop.signal);
});
