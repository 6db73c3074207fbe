import { expect, test } from 'vitest';
import { waitFor } from '../../src/host/slots/supervise-wait.ts';
import { testClock } from '../support/clock.ts';

const never = async () => null;

test('answers what was found, as soon as it is there', async () => {
  const clock = testClock();
  let looks = 0;
  const waiting = waitFor({ clock, withinMs: 1_000, everyMs: 100 }, async () => (++looks === 3 ? 'there' : null));
  await clock.later(200);
  expect(await waiting).toBe('there');
});

test('gives up when the time is over, and not before', async () => {
  const clock = testClock();
  let isOver = false;
  const waiting = waitFor({ clock, withinMs: 1_000, everyMs: 100 }, never).finally(() => {
    isOver = true;
  });
  await clock.later(900);
  expect(isOver).toBe(false);
  await clock.later(200);
  expect(await waiting).toBeNull();
});

test('gives up at once when it is canceled, and looks once even then', async () => {
  let looks = 0;
  const canceled = AbortSignal.abort();
  const waiting = waitFor({ clock: testClock(), withinMs: 1_000, everyMs: 100, signal: canceled }, async () => {
    looks += 1;
    return null;
  });
  expect(await waiting).toBeNull();
  expect(looks).toBe(1);
});

test('passes on what goes wrong while looking', async () => {
  const waiting = waitFor({ clock: testClock(), withinMs: 1_000, everyMs: 100 }, async () => {
    throw new Error('broken');
  });
  await expect(waiting).rejects.toThrow('broken');
});
