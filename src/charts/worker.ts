// The other side of draw.ts: draws one chart, answers, ends.

import { parentPort, workerData } from 'node:worker_threads';
import type { ChartFacts, ChartTheme } from '../core/chart.ts';
import { drawFigure } from './figure.ts';

export interface DrawOrder {
  readonly facts: ChartFacts;
  readonly theme: ChartTheme;
  readonly prefix: string;
  readonly as: 'svg' | 'png';
}

const { facts, theme, prefix, as }: DrawOrder = workerData;
const svg = drawFigure(facts, theme, prefix);
parentPort?.postMessage(as === 'svg' ? svg : (await import('./picture.ts')).toPng(svg));
