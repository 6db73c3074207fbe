// P12, what watching costs: `node bench/watch.ts [counts] [seconds]`. Looks every few seconds instead of every 30 s, so that a minute shows as much as ten
// would; the share of a core is told as it is at 30 s. A real service, real HTTP, the real store, one watch an environment, its card drawn; nothing is sent.

import { execFileSync } from 'node:child_process';
import { argv, cpuUsage, execPath, memoryUsage, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { watchWindow } from '../src/jobs/outputs.ts';
import { type Row, report } from './support/table.ts';
import { startWatches } from './support/watches.ts';

const REAL_INTERVAL_MS = 30_000;
/** As bin/dhash starts the bot. */
const AS_STARTED = ['--max-semi-space-size=1'];
/** Many at once are looked at more rarely: what is asked is what a look costs, not how many fit into a second. */
const intervalOf = (count: number): number => Math.max(3_000, count * 15);
const counts = (argv[2] ?? '1,50,200,1000').split(',').map(Number);
const seconds = Number(argv[3] ?? 30);

interface Measured {
  readonly environments: number;
  readonly looks: number;
  readonly expected: number;
  readonly good: number;
  readonly msPerLook: number;
  readonly cpuPercentAt30s: number;
  readonly rssMb: number;
  readonly latestMs: number;
}

const [only] = counts;
if (argv[4] === 'one' && only !== undefined) stdout.write(`${JSON.stringify(await measure(only, intervalOf(only)))}\n`);
else {
  // Each count in a process of its own: what one left in memory is no other's.
  const rows = counts.map((count): Measured => {
    const words = [...AS_STARTED, import.meta.filename, String(count), String(seconds), 'one'];
    return JSON.parse(execFileSync(execPath, words, { encoding: 'utf8' }));
  });
  report([...rows.flatMap(told), ...linear(rows)], { seconds, rows });
}

/** The target is for 200; what more of them cost is told. */
function told({ environments, looks, expected, good, cpuPercentAt30s, rssMb, latestMs }: Measured): readonly Row[] {
  const what = `${environments} watches`;
  const bound = environments <= 200;
  const of = (name: string, ours: string, want: string, met: boolean): Row => ({
    target: 'P12',
    what: `${what}: ${name}`,
    ours,
    peer: '-',
    ratio: null,
    want: bound ? want : '-',
    met: met || !bound,
  });
  return [
    of('of a core at 30 s', `${cpuPercentAt30s} %`, '< 15 %', cpuPercentAt30s < 15),
    of('memory', `${rssMb} MB`, '< 250 MB', rssMb < 250),
    of('the latest look', `${latestMs} ms late`, '<= 1,000 ms', latestMs <= 1_000),
    of('looks made, and good', `${looks}, ${good} of ${expected}`, 'all', looks >= expected * 0.95 && good === looks),
  ];
}

/** What one look costs among the most of them, beside what it costs among two hundred. */
function linear(rows: readonly Measured[]): readonly Row[] {
  const [most, few] = [rows.at(-1), rows.find(({ environments }) => environments === 200)];
  if (most === undefined || few === undefined || most === few) return [];
  const ratio = most.msPerLook / few.msPerLook;
  const ours = `${most.msPerLook} ms`;
  const what = `one look of ${most.environments} / of 200`;
  return [{ target: 'P12', what, ours, peer: `${few.msPerLook} ms`, ratio, want: '<= 1.3 x', met: ratio <= 1.3 }];
}

async function measure(count: number, interval: number): Promise<Measured> {
  const { composed, config, stop } = await startWatches(count, interval);
  const { store } = composed.opened;
  const names = Object.keys(config.environments);
  const before = cpuUsage();
  const from = performance.now();
  const since = composed.ports.clock.now();
  await pause(seconds * 1_000);
  const used = cpuUsage(before);
  const wallMs = performance.now() - from;
  const { rss } = memoryUsage();
  const jobs = await store.jobs({ open: true });
  const starts = new Map(jobs.map((job) => [job.id, watchWindow.find(job)?.from ?? 0]));
  const looks = (await Promise.all(names.map((name) => store.samples(`j-${name}`, 0)))).map((samples) => {
    const first = starts.get(samples[0]?.jobId ?? '') ?? 0;
    const own = samples.filter(({ at }) => at >= since);
    return {
      made: own.length,
      good: own.filter(({ healthy, errorRate }) => healthy && errorRate === 0).length,
      late: own.map(({ at }) => (at - first) % interval),
    };
  });
  await stop();
  const usedMs = (used.user + used.system) / 1_000;
  const made = looks.reduce((sum, one) => sum + one.made, 0);
  return {
    environments: names.length,
    looks: made,
    expected: Math.floor((names.length * wallMs) / interval),
    good: looks.reduce((sum, { good }) => sum + good, 0),
    msPerLook: round(usedMs / made),
    cpuPercentAt30s: round(((usedMs / wallMs) * 100 * interval) / REAL_INTERVAL_MS),
    rssMb: round(rss / 1_048_576),
    latestMs: Math.max(...looks.flatMap(({ late }) => late)),
  };
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
