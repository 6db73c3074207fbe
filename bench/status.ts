// What asking for the status costs with ten thousand runs behind it, beside ten, and beside an empty database. Target: at most twice as long as with ten.

import { performance } from 'node:perf_hooks';
import { glance } from '../src/commands/glance.ts';
import { createGauges } from '../src/host/gauges.ts';
import { openStore } from '../src/store/open.ts';
import { testConfig, testEnvironment } from '../test/support/config.ts';
import { fillHistory } from './support/history.ts';
import { percentile, report } from './support/table.ts';

const RUNS = 10_000;
const ROUNDS = 400;
const WARM_UP = 50;
const config = testConfig();
const environment = testEnvironment();
const gauges = createGauges();

async function filled(runs: number) {
  const { store, close } = openStore({ path: ':memory:', now: () => 0 });
  await fillHistory(store, runs);
  return { store, close };
}

const places = { empty: await filled(0), ten: await filled(10), many: await filled(RUNS) };
const times: Record<keyof typeof places, number[]> = { empty: [], ten: [], many: [] };
// By turns, so that what else the machine does falls on all of them.
for (let round = -WARM_UP; round < ROUNDS; round += 1) {
  for (const name of ['empty', 'ten', 'many'] as const) {
    const from = performance.now();
    await glance({ store: places[name].store, config, now: 1, gauges }, environment);
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
