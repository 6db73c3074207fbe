// What asking for the status costs with ten thousand runs behind it, beside ten, and beside an empty database. Target: at most twice as long as with ten.

import { performance } from 'node:perf_hooks';
import { glance } from '../src/commands/glance.ts';
import { event } from '../src/core/event.ts';
import type { Change } from '../src/core/store.ts';
import { openStore } from '../src/store/open.ts';
import { aBackup, aDeployment, aJob, aRequest } from '../test/store/records.ts';
import { testConfig, testEnvironment } from '../test/support/config.ts';
import { percentile, report } from './support/table.ts';

const RUNS = 10_000;
const ROUNDS = 400;
const WARM_UP = 50;
const config = testConfig();
const environment = testEnvironment();

const NO_MEASURES = { checks: 120, breaches: 0, measures: [], verdict: 'certified', why: '' } as const;

/** Each run: a request, its job, what went live, a verified backup, a checklist, an ended watch, forty other events. */
async function filled(runs: number) {
  const { store, close } = openStore({ path: ':memory:', now: () => 0 });
  for (let at = 1; at <= runs; at += 1) {
    const id = `d-${at}`;
    const times = { createdAt: at, startedAt: at, finishedAt: at + 5 };
    const changes: Change[] = [
      { kind: 'request.create', request: aRequest({ id, at, state: 'succeeded' }) },
      { kind: 'job.create', job: aJob({ id: `j-${at}`, requestId: id, state: 'succeeded', ...times }) },
      { kind: 'job.create', job: aJob({ id: `m-${at}`, name: 'monitor', requestId: id, state: 'succeeded', ...times }) },
      { kind: 'deployment.live', deployment: aDeployment({ id: `dep-${at}`, requestId: id, liveAt: at, rollbackBackup: `b-${at}` }) },
      { kind: 'backup.save', backup: aBackup({ file: `b-${at}`, createdAt: at, verifiedAt: at }) },
    ];
    const scope = { environment: 'production', requestId: id, jobId: `j-${at}`, actor: null };
    const told = Array.from({ length: 40 }, () => event(scope, 'lock.taken', { reason: 'deploy' }));
    const judged = event(scope, 'checklist.judged', { evidence: [], tag: 'v2.1.0', commit: 'c', digest: 'd', passed: true });
    await store.commit(changes, [judged, ...told, event(scope, 'monitor.ended', { ...NO_MEASURES })], at);
  }
  return { store, close };
}

const places = { empty: await filled(0), ten: await filled(10), many: await filled(RUNS) };
const times: Record<keyof typeof places, number[]> = { empty: [], ten: [], many: [] };
// By turns, so that what else the machine does falls on all of them.
for (let round = -WARM_UP; round < ROUNDS; round += 1) {
  for (const name of ['empty', 'ten', 'many'] as const) {
    const from = performance.now();
    await glance({ store: places[name].store, config, now: 1 }, environment);
    if (round >= 0) times[name].push(performance.now() - from);
  }
}
for (const { close } of Object.values(places)) close();
// Ten runs fill the answer: what is compared is the history behind it, not the ten lines that are shown.
const [empty, ten, many] = [percentile(times.empty, 0.5), percentile(times.ten, 0.5), percentile(times.many, 0.5)];
const ratio = many / ten;
report(
  [
    {
      target: '-',
      what: `status with ${RUNS} runs / with 10`,
      ours: `${many.toFixed(2)} ms`,
      peer: `${ten.toFixed(2)} ms`,
      ratio,
      want: '<= 2 x',
      met: ratio <= 2,
    },
  ],
  { empty, ten, many },
);
