// The other side of draw.ts: draws one chart, answers, ends.

import { constants, setPriority } from 'node:os';
import process from 'node:process';
import type { ChartFacts, ChartTheme } from '../core/chart.ts';
import { drawFigure } from './figure.ts';

export interface DrawOrder {
  readonly facts: ChartFacts;
  readonly theme: ChartTheme;
  readonly prefix: string;
  readonly as: 'svg' | 'png';
}

setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.once('message', async ({ facts, theme, prefix, as }: DrawOrder) => {
  const svg = drawFigure(facts, theme, prefix);
  process.send?.(as === 'svg' ? svg : (await import('./picture.ts')).toPng(svg), () => process.disconnect());
});
