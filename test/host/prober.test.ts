import { expect, test } from 'vitest';
import type { Http, HttpAnswer } from '../../src/core/ports.ts';
import { createProber } from '../../src/host/traffic/prober.ts';
import { testClock } from '../support/clock.ts';

const OK: HttpAnswer = { kind: 'answered', status: 200, body: '', ms: 1 };

function answering(answers: readonly HttpAnswer[]): Http & { asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    get: async () => {
      asked += 1;
      return answers[Math.min(asked, answers.length) - 1] ?? OK;
    },
  };
}

test('asks every 50 ms and counts what failed', async () => {
  const clock = testClock();
  const http = answering([
    OK,
    { kind: 'answered', status: 404, body: '', ms: 1 },
    { kind: 'failed', code: 'ECONNREFUSED', detail: 'connect ECONNREFUSED', ms: 1 },
    { kind: 'answered', status: 500, body: '', ms: 1 },
    OK,
  ]);
  const prober = createProber({ clock, http });
  prober.start('j-1', 'http://127.0.0.1:1/health');
  await clock.later(249);
  expect(prober.read('j-1')).toMatchObject({ total: 5, failed: 2, firstFailure: 'ECONNREFUSED after 2 of 5' });
  expect(await prober.stop('j-1')).toMatchObject({ total: 5, failed: 2, firstFailure: 'ECONNREFUSED after 2 of 5' });
  await clock.later(1_000);
  expect(http.asked()).toBe(5);
});

test('counts by when a request was sent: before the switch, during it, and after the version was proven', async () => {
  const clock = testClock();
  const late = Promise.withResolvers<HttpAnswer>();
  let asked = 0;
  const failed: HttpAnswer = { kind: 'failed', code: 'timeout', detail: '', ms: 1 };
  const prober = createProber({
    clock,
    http: {
      get: () => {
        asked += 1;
        return asked === 1 ? late.promise : Promise.resolve(asked === 3 ? failed : OK);
      },
    },
  });
  prober.mark('j-1', 'after');
  prober.start('j-1', 'http://127.0.0.1:1/');
  await clock.later(60);
  prober.mark('j-1', 'during');
  await clock.later(100);
  prober.mark('j-1', 'after');
  await clock.later(50);
  // Sent before the switch, so it is no fault of it, however late it fails.
  late.resolve(failed);
  expect(await prober.stop('j-1')).toMatchObject({
    total: 5,
    failed: 2,
    phases: { before: { total: 2, failed: 1 }, during: { total: 2, failed: 1 }, after: { total: 1, failed: 0 } },
  });
});

test('runs one probe under a key, and separate ones under others', async () => {
  const clock = testClock();
  const prober = createProber({ clock, http: answering([OK]) });
  prober.start('j-1', 'http://127.0.0.1:1/');
  await clock.later(100);
  prober.start('j-1', 'http://127.0.0.1:1/');
  prober.start('j-2', 'http://127.0.0.1:1/');
  await clock.later(49);
  expect([prober.read('j-1')?.total, prober.read('j-2')?.total]).toEqual([3, 1]);
  await Promise.all([prober.stop('j-1'), prober.stop('j-2')]);
});

test('knows no probe that was not started, or was stopped', async () => {
  const prober = createProber({ clock: testClock(), http: answering([OK]) });
  expect(prober.read('j-1')).toBeNull();
  expect(await prober.stop('j-1')).toBeNull();
  prober.start('j-1', 'http://127.0.0.1:1/');
  await prober.stop('j-1');
  expect(prober.read('j-1')).toBeNull();
  expect(await prober.stop('j-1')).toBeNull();
});

test('asks at most four at a time when answers do not come, and counts them when it is stopped', async () => {
  const clock = testClock();
  const late: (() => void)[] = [];
  const http: Http = {
    get: () => new Promise((resolve) => late.push(() => resolve({ kind: 'failed', code: 'timeout', detail: 'late', ms: 5_000 }))),
  };
  const prober = createProber({ clock, http });
  prober.start('j-1', 'http://127.0.0.1:1/');
  await clock.later(1_000);
  expect(late).toHaveLength(4);
  expect(prober.read('j-1')).toMatchObject({ total: 0, failed: 0, firstFailure: null });
  const stopped = prober.stop('j-1');
  for (const answer of late) answer();
  expect(await stopped).toMatchObject({ total: 4, failed: 4, firstFailure: 'timeout after 0 of 4' });
});
