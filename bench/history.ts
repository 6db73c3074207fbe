// P16: what a long past costs: `node bench/history.ts [runs] [samples a run]`. What `status` and the store's part of a look take beside an empty database,
// what lies on the disk, and how long thinning holds the loop at once.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import Sqlite from 'better-sqlite3';
import { glance } from '../src/commands/glance.ts';
import { THINNED } from '../src/core/sample.ts';
import { createGauges } from '../src/host/gauges.ts';
import { openStore } from '../src/store/open.ts';
import { aSample } from '../test/store/records.ts';
import { testConfig, testEnvironment } from '../test/support/config.ts';
import { fillHistory } from './support/history.ts';
import { percentile, type Row, report, row } from './support/table.ts';

const runs = Number(argv[2] ?? 10_000);
const each = Number(argv[3] ?? 500);
const ROUNDS = 300;
const WARM_UP = 30;
/** A run every ten minutes or so: of ten thousand, the older half is to be thinned. */
const SPREAD_MS = (2 * THINNED.afterMs) / runs;
const LOOK_MS = 30_000;
const now = 3 * THINNED.afterMs;
const atOf = (run: number): number => Math.floor(now - (runs - run) * SPREAD_MS);
const config = testConfig();
const environment = testEnvironment();
const folder = mkdtempSync(join(tmpdir(), 'dhash-bench-'));

try {
  const [empty, full] = [await place('empty', 0), await place('full', runs)];
  const status = await byTurns((at) => glance({ store: at.store, config, now, gauges: createGauges() }, environment));
  const look = await byTurns((at, round) => lookAt(at.store, now + (round + WARM_UP) * LOOK_MS));
  report(
    [
      row('P16', `status with ${runs} runs and ${runs * each} samples / with none, us`, status.full, status.empty, 2),
      row('P16', 'a look: what it reads and its commit / with none, us', look.full, look.empty, 2),
      bytesOf('full'),
      ...(await thinned(full.store)),
    ],
    { runs, samples: runs * each },
  );
  for (const { close } of [empty, full]) close();

  async function byTurns(
    work: (at: typeof full, round: number) => Promise<unknown>,
  ): Promise<{ readonly full: number; readonly empty: number }> {
    const times = { full: [] as number[], empty: [] as number[] };
    for (let round = -WARM_UP; round < ROUNDS; round += 1) {
      for (const [name, at] of Object.entries({ full, empty }) as ['full' | 'empty', typeof full][]) {
        const from = performance.now();
        await work(at, round);
        if (round >= 0) times[name].push((performance.now() - from) * 1_000);
      }
    }
    return { full: percentile(times.full, 0.5), empty: percentile(times.empty, 0.5) };
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function place(name: string, count: number) {
  const path = join(folder, `${name}.sqlite`);
  const opened = openStore({ path, now: () => now });
  await fillHistory(opened.store, count, atOf);
  addSamples(path, count);
  return opened;
}

/** As the looks of each run would have left them, in one transaction. */
function addSamples(path: string, count: number): void {
  const database = new Sqlite(path);
  const add = database.prepare('INSERT INTO samples (job_id, at, body) VALUES (?, ?, ?)');
  database.transaction(() => {
    for (let run = 1; run <= count; run += 1) {
      for (let look = 0; look < each; look += 1) {
        const sample = aSample({ jobId: `m-${run}`, at: atOf(run) + look * LOOK_MS });
        add.run(sample.jobId, sample.at, JSON.stringify(sample));
      }
    }
  })();
  database.close();
}

async function lookAt(
  store: typeof openStore extends (...given: never) => { readonly store: infer S } ? S : never,
  at: number,
): Promise<void> {
  await store.liveDeployment(environment.name);
  await store.samples('m-now', at - 10 * LOOK_MS);
  await store.commit([{ kind: 'sample.add', sample: aSample({ jobId: 'm-now', at }) }], [], at);
}

function bytesOf(name: string): Row {
  const megabytes = statSync(join(folder, `${name}.sqlite`)).size / 1_000_000;
  return {
    target: 'P16',
    what: 'on the disk, before it is thinned',
    ours: `${Math.round(megabytes)} MB`,
    peer: '',
    ratio: null,
    want: 'stated',
    met: true,
  };
}

async function thinned(store: Parameters<typeof lookAt>[0]): Promise<readonly Row[]> {
  const held: number[] = [];
  for (let pass = 0; pass < 3; pass += 1) {
    const from = performance.now();
    const done = store.commit(
      [{ kind: 'sample.thin', environment: environment.name, before: now - THINNED.afterMs, every: THINNED.everyMs }],
      [],
      now,
    );
    held.push(performance.now() - from);
    await done;
  }
  const most = Math.max(...held);
  return [
    {
      ...{ target: 'P16', what: `a thinning pass holds the loop, ms (${held.map(Math.round).join(', ')})`, ours: `${Math.round(most)} ms` },
      ...{ peer: '', ratio: null, want: '<= 50 ms', met: most <= 50 },
    },
  ];
}
