// What a chart costs the bot that has it drawn: `node bench/charts.ts [charts]`. Its memory before the first one and after the last one, and the longest turn of its loop.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { argv, memoryUsage } from 'node:process';
import { createCharts } from '../src/charts/draw.ts';
import { chartOf, watchesOf } from '../src/templates/chart.ts';
import { LIMITS, samples, watchStory } from '../test/charts/samples.ts';
import { percentile, report } from './support/table.ts';

const count = Number(argv[2] ?? 20);
const story = watchStory();
const [watch] = watchesOf(story);
if (watch === undefined) throw new Error('the story has no watch');
const facts = chartOf(watch, story, samples(), LIMITS);
const charts = createCharts();
const rssMb = () => memoryUsage().rss / 1_048_576;

const before = rssMb();
const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();
const times: number[] = [];
const memory: number[] = [];
for (let drawn = 0; drawn < count; drawn += 1) {
  const from = performance.now();
  await charts.png(facts);
  times.push(performance.now() - from);
  memory.push(rssMb());
}
loop.disable();
const after = memory.at(-1) ?? before;
const delayMs = loop.percentile(99.9) / 1e6;
const alone = { peer: '-', ratio: null };
report(
  [
    {
      target: 'P14',
      what: `memory kept after ${count} charts`,
      ours: `${(after - before).toFixed(1)} MB`,
      ...alone,
      want: '<= 10 MB',
      met: after - before <= 10,
    },
    { target: '-', what: 'loop delay meanwhile, p99.9', ours: `${delayMs.toFixed(1)} ms`, ...alone, want: '<= 50 ms', met: delayMs <= 50 },
    { target: '-', what: 'one chart, median', ours: `${percentile(times, 0.5).toFixed(0)} ms`, ...alone, want: '-', met: true },
  ],
  { before, memory, times },
);
