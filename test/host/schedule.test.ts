import { expect, onTestFinished, test } from 'vitest';
import { isValidCron, startSchedule } from '../../src/host/schedule.ts';

test('calls what is due with the minute it was due, the same in every process of one schedule, until it is stopped', async () => {
  const calls: { readonly who: string; readonly name: string; readonly minute: string }[] = [];
  const one = (who: string) =>
    // A sixth field, in front, is seconds: nobody waits for a minute here.
    startSchedule([{ name: 'production', expression: '* * * * * *' }], 'UTC', async (name, minute) => {
      calls.push({ who, name, minute });
    });
  const schedules = [one('a'), one('b')];
  onTestFinished(async () => {
    await Promise.all(schedules.map((schedule) => schedule.stop()));
  });
  const end = Date.now() + 10_000;
  while (new Set(calls.map(({ who }) => who)).size < 2 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all(schedules.map((schedule) => schedule.stop()));
  const count = calls.length;
  const [a, b] = ['a', 'b'].map((of) => calls.find(({ who }) => who === of));
  expect(a).toMatchObject({ name: 'production', minute: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/) });
  expect(Math.abs(Date.parse(`${a?.minute}Z`) - Date.parse(`${b?.minute}Z`))).toBeLessThanOrEqual(60_000);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect(calls).toHaveLength(count);
});

test.each([
  ['0 3 * * *', true],
  ['*/5 * * * 1-5', true],
  ['* * * * * *', false],
  ['0 25 * * *', false],
  ['every night', false],
])('%j is a schedule: %s', (expression, isOne) => {
  expect(isValidCron(expression)).toBe(isOne);
});
